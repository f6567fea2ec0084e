"""
Restore to a chosen second: python -m ops.restore --to SECOND --into DIR, beside what there is.

    python -m ops.restore --to "2026-11-30T12:00:00+05:30" --into /srv/postgres/restored

A new cluster is made of the last base backup before the second and the log since, and left running
on 127.0.0.1; then Redis is told anew, the gateways are asked, and a report tells what is left to do
(ops/reconcile.py). The cluster that the shop had is not touched. Stop the shop before.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import psycopg

from app.config import ConfigurationError
from app.core.problems import Problem
from ops import reconcile, recovery, report
from ops import store as stores
from ops.errors import OpsError
from ops.moments import moment_or_latest
from ops.options import common, is_named
from ops.recovery import HOST, Recovered
from ops.store import Store
from ops.tools import Tools, address, find

PORT = 5433


def restore(store: Store, tools: Tools, told: argparse.Namespace) -> Recovered:
    """
    Restore, and leave the cluster running.

    Raises:
        OpsError: it is not possible; nothing is left behind.
    """
    recovery.refuse_used(told.into.absolute())
    base = recovery.choose(store, tools, told.to)
    if not (told.no_reconcile or told.empty_redis):
        reconcile.refuse_full_redis()
    print(f"Restoring {told.into} from {base.folder.name} ...", flush=True)
    return recovery.recover(
        store, tools, base, moment=told.to, into=told.into, port=told.port, settings=told.setting
    )


def _is_told_enough(told: argparse.Namespace) -> None:
    is_named(told)
    if not told.no_reconcile and not os.environ.get("DATABASE_URL"):
        raise OpsError("DATABASE_URL has to be set as the shop has it, or use --no-reconcile.")


def _until(store: Store, tools: Tools, moment: datetime | None) -> datetime:
    """Tell since when the books know nothing."""
    if moment is not None:
        return moment
    base = store.base_for(None)
    return stores.last_commit(tools, store.chain(base).segments) or base.at


def _point_at(found: Recovered) -> str:
    """Let this process speak to the restored cluster; returns its address without the password."""
    url, _ = address(os.environ["DATABASE_URL"])
    url = url.set(host=HOST, port=found.port)
    os.environ["DATABASE_URL"] = url.render_as_string(hide_password=False)
    with psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False)):
        return url.render_as_string()


def main(arguments: Sequence[str] | None = None) -> int:
    """Restore, reconcile, report; 1 where somebody has to look, 2 where it was not done."""
    told = _parser().parse_args(arguments)
    began = time.monotonic()
    try:
        _is_told_enough(told)
        store = Store(told.store)
        tools = find(told.bin, for_files_of=store.folder)
        found = restore(store, tools, told)
        restored = time.monotonic()
        print(f"{found.folder} runs on {HOST}:{found.port} ({restored - began:.1f} s).", flush=True)
        if told.no_reconcile:
            return 0
        print(f"It is reached at {_point_at(found)}", flush=True)
        since = _until(store, tools, told.to)
        result = reconcile.reconcile(since, reconcile.Wish.of(told))
    except (OpsError, ConfigurationError, Problem, OSError, psycopg.Error) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(report.lines(result)))
    took = f"{restored - began:.1f} s, reconciled in {time.monotonic() - restored:.1f} s"
    print(f"Restored in {took}.")
    return 0 if result.is_well else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ops.restore", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument(
        "--to", type=moment_or_latest, required=True, metavar="SECOND",
        help="2026-11-30T12:00:00+05:30, what was committed in it included; or latest",
    )  # fmt: skip
    parser.add_argument("--into", type=Path, required=True, metavar="DIR", help="a new folder")
    parser.add_argument("--port", type=int, default=PORT, help=f"where it listens; {PORT}")
    parser.add_argument(
        "--setting", action="append", default=[], metavar="NAME=VALUE",
        help="of PostgreSQL, for this start; such as config_file or hba_file, where they lie "
        "outside of the data",
    )  # fmt: skip
    parser.add_argument("--no-reconcile", action="store_true", help="leave Redis and gateways be")
    common(parser)
    reconcile.options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
