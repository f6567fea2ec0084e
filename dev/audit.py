"""
Ask whether a known weakness is in what the shop runs on: python -m dev.audit.

Ends with 0 where none is known, 1 where one is, and 3 where the advisories could not be asked about
everything, which is not the same as none being known.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
FINE, WEAK, NOT_ASKED = 0, 1, 3
PATIENCE_SECONDS = 300


def ask() -> tuple[Sequence[Mapping[str, Any]], str]:
    """Have every pinned package looked up; tells what is known of each, and what went wrong."""
    files = [option for name in REQUIREMENTS for option in ("-r", name)]
    done = subprocess.run(
        [
            sys.executable, "-m", "pip_audit", *files, "--require-hashes", "--disable-pip",
            "--progress-spinner", "off", "--timeout", "15", "--format", "json",
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    try:
        found: list[Mapping[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return [], done.stderr.strip()[-500:]
    return found, ""


def judge(found: Sequence[Mapping[str, Any]], trouble: str) -> tuple[int, list[str]]:
    """Tell how it ended, and in what words."""
    weak = [one for one in found if one.get("vulns")]
    skipped = [one for one in found if "skip_reason" in one]
    told = [
        f"{one['name']} {one['version']}: {weakness['id']}"
        f" (fixed in {', '.join(weakness['fix_versions']) or 'nothing yet'})"
        for one in weak
        for weakness in one["vulns"]
    ]
    if weak:
        return WEAK, told
    if not found:
        return NOT_ASKED, [f"COULD NOT ASK about any package: {trouble or 'no answer'}"]
    if skipped:
        why = skipped[0]["skip_reason"]
        return NOT_ASKED, [f"COULD NOT ASK about {len(skipped)} of {len(found)} packages: {why}"]
    return FINE, [f"No weakness is known of {len(found)} packages."]


def main() -> int:
    """Ask and tell."""
    try:
        found, trouble = ask()
    except subprocess.TimeoutExpired:
        found, trouble = [], f"no answer in {PATIENCE_SECONDS} seconds"
    status, told = judge(found, trouble)
    print("\n".join(told), file=sys.stderr if status else sys.stdout)
    return status


if __name__ == "__main__":
    sys.exit(main())
