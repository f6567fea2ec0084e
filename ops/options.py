"""What the commands are told alike: where the store is, and where PostgreSQL's programs are."""

import argparse
import os
from pathlib import Path

from ops.errors import OpsError


def common(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command."""
    parser.add_argument(
        "--store", type=Path, default=os.environ.get("BACKUP_STORE"),
        help="the folder of backups; BACKUP_STORE by default",
    )  # fmt: skip
    parser.add_argument(
        "--bin", type=Path, metavar="DIR", help="PostgreSQL's programs; PG_BIN by default"
    )


def database(parser: argparse.ArgumentParser) -> None:
    """Add the option of what speaks to the shop's cluster."""
    parser.add_argument(
        "--database", default=os.environ.get("BACKUP_DATABASE_URL", os.environ.get("DATABASE_URL")),
        metavar="URL", help="as a role that may replicate; BACKUP_DATABASE_URL or DATABASE_URL",
    )  # fmt: skip


def is_named(options: argparse.Namespace) -> None:
    """
    Make sure that nothing was left out that has no default.

    Raises:
        OpsError: naming what, or a store that is not there.
    """
    if options.store is None:
        raise OpsError("Name the store with --store or BACKUP_STORE.")
    if not Path(options.store).is_dir():
        raise OpsError(f"There is no folder {options.store}: is the storage mounted?")
    if "database" in options and not options.database:
        raise OpsError("Name the cluster with --database, BACKUP_DATABASE_URL or DATABASE_URL.")
