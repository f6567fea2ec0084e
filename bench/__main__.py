"""
How fast the shop is, beside what the same servers, database and client can do at all.

    make bench          or    .venv/bin/python -m bench [--quick] [--only NAME,...] [--json FILE]

Everything runs on this machine and is started here: real Postgres with fsync, real Redis, web
processes of granian, workers, and the clients of bench/client.py. A figure alone says little of
another machine, so each stands beside a ceiling that was measured in the same run, in turn; told
are the medians of the rounds. The invariants are checked after, and a bench that breaks one fails.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import (
    costs,
    growth,
    memory,
    overload,
    pages,
    purchases,
    restore,
    storefront,
    webhooks,
    workers,
)
from bench.measure import Plan, Section

SECTIONS: Mapping[str, Callable[[Plan], Section]] = {
    "storefront": storefront.measure,
    "webhooks": webhooks.measure,
    "purchases": purchases.measure,
    "costs": costs.measure,
    "growth": growth.measure,
    "memory": memory.measure,
    "workers": workers.measure,
    "pages": pages.measure,
    "restore": restore.measure,
    "overload": overload.measure,
}
ROUNDS, SECONDS = 5, 4.0
QUICK_SECONDS = 1.0
REQUESTS, QUICK_REQUESTS = 200_000, 20_000


def main() -> int:
    """Measure, print, write the JSON; 1 where an invariant broke."""
    options = _options()
    found = []
    for name in options.only:
        begun = time.monotonic()
        section = SECTIONS[name](options.plan)
        section.show()
        print(f"({time.monotonic() - begun:.0f} s)", flush=True)
        found.append(section)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps([section.as_json() for section in found], indent=2))
    print(f"\nWritten to {options.json}")
    return 1 if any(section.breaches for section in found) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").strip().split("\n\n", 1)[0])
    parser.add_argument("--quick", action="store_true", help="one short round of everything")
    parser.add_argument(
        "--only", type=_names, default=list(SECTIONS), metavar="NAME[,NAME]",
        help=f"some of {', '.join(SECTIONS)}",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, default=Path(".data/bench.json"))
    parser.add_argument("--clients", type=int, default=1, help="client processes of closed loops")
    parser.add_argument(
        "--requests",
        type=int,
        help="how many web processes answer while their memory is watched; a million takes ten "
        "minutes",
    )
    options = parser.parse_args()
    rounds, seconds = (1, QUICK_SECONDS) if options.quick else (ROUNDS, SECONDS)
    requests = options.requests or (QUICK_REQUESTS if options.quick else REQUESTS)
    options.plan = Plan(
        rounds, seconds, is_quick=options.quick, clients=options.clients, requests=requests
    )
    return options


def _names(text: str) -> list[str]:
    names = text.split(",")
    unknown = [name for name in names if name not in SECTIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
