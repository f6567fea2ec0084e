"""
Backups, by PostgreSQL's own programs: python -m ops.backup archive|base|list|verify|prune.

    archive   receive the write-ahead log as it is written, until told to stop; let it always run
    base      take a copy of the whole cluster, from which the log goes on; once a day
    list      tell what can be restored
    verify    read every byte against its checksum; fails where one is wrong or missing
    prune     forget what is not needed to restore any second of the last days
"""

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from ops import store as stores
from ops.errors import OpsError
from ops.options import common, database, is_named
from ops.store import Base, Store
from ops.tools import Tools, address, find

SLOT = "ora_archive"
RETENTION_DAYS = 35
ARCHIVED_SECONDS = 60.0
_POLL_SECONDS = 0.1


def archive(store: Store, tools: Tools, options: argparse.Namespace) -> int:
    """Become pg_receivewal; the server keeps for it what it has not confirmed to have on disk."""
    store.prepare(tools)
    _, env = address(options.database)
    _refuse_another_cluster(store, tools, options.database)
    slot = "--slot", options.slot
    tools.run("pg_receivewal", "--create-slot", "--if-not-exists", *slot, env=env)
    # By the slot's name the server may be told to wait for it: synchronous_standby_names.
    env["PGAPPNAME"] = options.slot
    tools.become(
        "pg_receivewal", "--directory", store.wal, "--synchronous", "--no-password", *slot, env=env
    )


def base(store: Store, tools: Tools, options: argparse.Namespace) -> int:
    """Take a base backup; it counts once it is verified and its log has been received."""
    store.prepare(tools)
    _, env = address(options.database)
    _refuse_another_cluster(store, tools, options.database)
    for left in stores.unfinished(store):
        shutil.rmtree(left)
    folder = store.bases_folder / f"{datetime.now(UTC):{stores.NAMED}}.{stores.UNFINISHED}"
    checkpoint = f"--checkpoint={options.checkpoint}"
    tools.run(
        "pg_basebackup", "--pgdata", folder, "--wal-method=stream", checkpoint, "--no-password",
        "--manifest-checksums=SHA256", "--label=ora", env=env,
    )  # fmt: skip
    # By the clock that the commits are dated by, and not before the copy was complete.
    with psycopg.connect(_plain(options.database)) as connection:
        [moment] = connection.execute("SELECT clock_timestamp()").fetchone() or ()
    tools.run("pg_verifybackup", "--quiet", folder)
    _wait_for_wal(store, Base(folder))
    taken = Base(folder.rename(store.bases_folder / stores.name_for(moment)))
    print(f"{taken.folder}: every second since {taken.at} can be restored.")
    return 0


def list_all(store: Store, tools: Tools, _: argparse.Namespace) -> int:
    """Tell what can be restored; fails where that is nothing."""
    bases = store.bases()
    for one in bases:
        chain = store.chain(one)
        last = stores.last_commit(tools, chain.segments)
        missing = f", where {chain.missing} is missing" if chain.missing else ""
        print(f"{one.folder.name}  PostgreSQL {one.major}, from {one.at} to {last}{missing}")
    print(f"{len(bases)} base backups in {store.folder}.")
    return 0 if bases else 1


def verify(store: Store, tools: Tools, _: argparse.Namespace) -> int:
    """Check the bases, and the log from the oldest one on."""
    bases = store.bases()
    if not bases:
        raise OpsError(f"There is no base backup in {store.folder}.")
    wrong = [*_wrong_bases(tools, bases), *_wrong_wal(store, tools, bases)]
    for line in wrong:
        print(line)
    last = stores.last_commit(tools, store.chain(bases[-1]).segments)
    age = f"the last transaction is of {last}" if last else "no transaction since the last base"
    print(f"{len(bases)} base backups, {len(wrong)} faults; {age}.")
    return 1 if wrong else 0


def prune(store: Store, tools: Tools, options: argparse.Namespace) -> int:
    """Forget bases that nothing of the last days needs, and the log before the oldest one kept."""
    bases = store.bases()
    kept = stores.kept(bases, since=datetime.now(UTC) - timedelta(days=options.days))
    if not kept:
        raise OpsError(f"There is no base backup in {store.folder}: nothing is forgotten.")
    for one in bases:
        if one not in kept:
            shutil.rmtree(one.folder)
            print(f"{one.folder.name} forgotten.")
    tools.run("pg_archivecleanup", store.wal, kept[0].first_segment)
    print(f"{len(kept)} base backups kept; every second since {kept[0].at} can be restored.")
    return 0


def _wrong_bases(tools: Tools, bases: Sequence[Base]) -> list[str]:
    answers = {one: tools.ask("pg_verifybackup", "--quiet", one.folder) for one in bases}
    return [
        f"{one.folder.name}: {answer.errors.strip()}"
        for one, answer in answers.items()
        if answer.code != 0
    ]


def _wrong_wal(store: Store, tools: Tools, bases: Sequence[Base]) -> list[str]:
    """Check each base's log; where the next base lies on the same run, once for both."""
    wrong: list[str] = []
    checked: set[str] = set()
    for one in bases:
        chain = store.chain(one)
        if chain.missing is not None and f"missing {chain.missing}" not in checked:
            checked.add(f"missing {chain.missing}")
            wrong.append(f"{one.folder.name}: WAL segment {chain.missing} is missing.")
        new = [segment for segment in chain.segments if segment.name not in checked]
        checked.update(segment.name for segment in new)
        found = stores.damage(tools, new) if new else None
        if found is not None:
            wrong.append(f"{one.folder.name}: its WAL is damaged: {found}")
    return wrong


def _wait_for_wal(store: Store, taken: Base) -> None:
    """Wait until the archive has the log up to where a base was complete."""
    deadline = time.monotonic() + ARCHIVED_SECONDS
    while time.monotonic() < deadline:
        try:
            if store.chain(taken).segments:
                return
        except OpsError:
            pass  # not a single segment yet
        time.sleep(_POLL_SECONDS)
    raise OpsError(
        f"The WAL of this base backup did not arrive in {store.wal} within "
        f"{ARCHIVED_SECONDS:.0f} s: is `python -m ops.backup archive` running on this store?"
    )


def _refuse_another_cluster(store: Store, tools: Tools, url: str) -> None:
    with psycopg.connect(_plain(url)) as connection:
        [identifier] = connection.execute(
            "SELECT system_identifier::text FROM pg_control_system()"
        ).fetchone() or ("",)
        major = connection.info.server_version // 10_000
    if major != tools.major:
        raise OpsError(
            f"The server is PostgreSQL {major}, the programs in {tools.folder} are of "
            f"{tools.major}: name others with --bin."
        )
    if any(one.cluster not in {"", identifier} for one in store.bases()):
        raise OpsError(f"{store.folder} is the store of another cluster: use one for each.")


def _plain(url: str) -> str:
    return address(url)[0].set(drivername="postgresql").render_as_string(hide_password=False)


COMMANDS: dict[str, Callable[[Store, Tools, argparse.Namespace], int]] = {
    "archive": archive, "base": base, "list": list_all, "verify": verify, "prune": prune,
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what was asked for; 1 where something is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.backup", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in COMMANDS:
        command = commands.add_parser(name)
        common(command)
        if name in {"archive", "base"}:
            database(command)
        if name == "archive":
            command.add_argument("--slot", default=SLOT, help=f"replication slot; {SLOT}")
        if name == "base":
            command.add_argument("--checkpoint", choices=["fast", "spread"], default="fast")
        if name == "prune":
            command.add_argument("--days", type=int, default=RETENTION_DAYS)
    options = parser.parse_args(arguments)
    try:
        is_named(options)
        found = Store(Path(options.store))
        tools = find(options.bin, for_files_of=found.folder)
        return COMMANDS[options.command](found, tools, options)
    except (OpsError, OSError, psycopg.Error) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
