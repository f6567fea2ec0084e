"""
Take the export of all orders as a client does, and tell what it took; begun by bench/pages.py.

Prints JSON: milliseconds to the first byte, seconds, orders, bytes, and the resident memory at its
peak, whole and above what the process had before.
"""

import json
import sys
import time
from pathlib import Path

from app import create_app
from app.core import sheets
from app.transfers import exports


def main() -> int:
    """Take it."""
    app = create_app()
    before = _peak()
    begun = time.perf_counter()
    with app.app_context():
        answer = sheets.file("orders.csv", exports.export("orders"))
    lines = iter(answer.iter_encoded())
    size = len(next(lines))
    first = time.perf_counter() - begun
    rows = 0
    for line in lines:
        rows += 1
        size += len(line)
    peak = _peak()
    told = {
        "first_ms": first * 1000, "seconds": time.perf_counter() - begun, "rows": rows,
        "bytes": size, "peak": peak, "grown": peak - before,
    }  # fmt: skip
    print(json.dumps(told))
    return 0


def _peak() -> int:
    """Tell the most bytes that were resident at once so far."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(fields["VmHWM"].split()[0]) * 1024


if __name__ == "__main__":
    sys.exit(main())
