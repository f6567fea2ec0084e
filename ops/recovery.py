"""A new cluster with what another one had at a chosen moment, recovered by PostgreSQL itself."""

import shlex
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ops import store as stores
from ops.errors import OpsError
from ops.store import Base, Store
from ops.tools import Tools

HOST = "127.0.0.1"
# Recovery of much WAL takes long; whoever waits may stop it, and nothing is lost by that.
PATIENCE_SECONDS = 24 * 3600
_POLL_SECONDS = 0.2
_LOG = "restore.log"
_SETTINGS = "postgresql.auto.conf"


@dataclass(frozen=True)
class Recovered:
    """A cluster that runs, from which base, and up to which commit it has everything."""

    folder: Path
    base: Base
    port: int


def choose(store: Store, tools: Tools, moment: datetime | None) -> Base:
    """
    Choose the base for a moment, and make sure that the log reaches it; None is the very end.

    Raises:
        OpsError: it cannot be reached, and what can.
    """
    base = store.base_for(moment)
    if base.major != tools.major:
        raise OpsError(
            f"The backup is of PostgreSQL {base.major}, the programs in {tools.folder} are of "
            f"{tools.major}: name others with --bin."
        )
    chain = store.chain(base)
    last = stores.last_commit(tools, chain.segments) or base.at
    gap = f"WAL segment {chain.missing} is missing from {store.wal}" if chain.missing else None
    if moment is None and gap:
        raise OpsError(f"{gap}: name a second up to {last} to restore what comes before it.")
    if moment is not None and moment >= last:
        if gap:
            raise OpsError(f"{gap}: from {base.folder.name} only up to {last} can be restored.")
        raise OpsError(
            f"The archive ends with a transaction of {last}, and nothing tells whether others came "
            f"after it until {moment}. `--to latest` restores all that there is."
        )
    return base


def recover(
    store: Store,
    tools: Tools,
    base: Base,
    *,
    moment: datetime | None,
    into: Path,
    port: int,
    settings: Sequence[str] = (),
) -> Recovered:
    """
    Copy a base, verify the copy, and let PostgreSQL go on from it to the moment; it then runs.

    Raises:
        OpsError: it did not work; what was begun is removed, unless it was there before.
    """
    into = into.absolute()
    refuse_used(into)
    tools.make_folder(into)
    try:
        _copy(tools, base, into)
        own = (into / _SETTINGS).read_text()
        _write(into / _SETTINGS, own + _instructions(store, moment))
        _touch(tools, into / "recovery.signal")
        _start(tools, into, port, settings)
        # Of use once: a crash later must not make it look into the archive again.
        _write(into / _SETTINGS, own)
    except BaseException:
        tools.ask("pg_ctl", "stop", "--pgdata", into, "--mode=immediate", "--silent")
        shutil.rmtree(into, ignore_errors=True)
        raise
    return Recovered(into, base, port)


def refuse_used(into: Path) -> None:
    """
    Make sure that nothing would be overwritten.

    Raises:
        OpsError: there is something.
    """
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise OpsError(f"{into} is not empty: a cluster is restored into a new folder.")
    if not into.parent.is_dir():
        raise OpsError(f"There is no folder {into.parent}.")


def _copy(tools: Tools, base: Base, into: Path) -> None:
    answer = tools.ask_any("cp", "-Rp", f"{base.folder}/.", into)
    if answer.code != 0:
        raise OpsError(f"The base backup could not be copied: {answer.errors.strip()}")
    into.chmod(0o700)
    # The copy: what is restored is what was verified.
    tools.run("pg_verifybackup", "--quiet", into)


def _instructions(store: Store, moment: datetime | None) -> str:
    """Write what PostgreSQL is to do; the last segment that it asks for is a partial one."""
    wal = _in_shell(str(store.wal))
    command = f'cp {wal}/%f "%p" 2>/dev/null || cp {wal}/%f{stores.PARTIAL} "%p" 2>/dev/null'
    told = {
        "restore_command": command,
        # Not what became of an earlier restore: that is a history of its own.
        "recovery_target_timeline": "current",
        "recovery_target_action": "promote",
        # Who connects before the end would see yesterday's books.
        "hot_standby": "off",
    }
    if moment is not None:
        told["recovery_target_time"] = moment.astimezone(UTC).isoformat(sep=" ")
    # To PostgreSQL a backslash says something as well.
    quoted = {name: value.replace("\\", "\\\\").replace("'", "''") for name, value in told.items()}
    return "".join(f"{name} = '{value}'\n" for name, value in quoted.items())


def _in_shell(path: str) -> str:
    """Quote a path for the shell, and for PostgreSQL, to which a percent sign says something."""
    quoted = path.replace("'", "'\\''").replace("%", "%%")
    return f"'{quoted}'"


def _start(tools: Tools, into: Path, port: int, settings: Sequence[str]) -> None:
    named = {
        "listen_addresses": HOST,
        "port": str(port),
        "unix_socket_directories": "",
        # What the lost cluster had: nobody is there to confirm commits, and its archive is its own.
        "synchronous_standby_names": "",
        "archive_mode": "off",
    }
    options = " ".join(f"-c {name}='{value}'" for name, value in named.items())
    more = "".join(f" -c {shlex.quote(one)}" for one in settings)
    answer = tools.ask(
        "pg_ctl", "start", "--pgdata", into, "--wait", f"--timeout={PATIENCE_SECONDS}",
        "--log", into / _LOG, "--options", options + more,
    )  # fmt: skip
    if answer.code != 0 or not _becomes_ready(tools, into, port):
        told = (into / _LOG).read_text(errors="replace") if (into / _LOG).exists() else ""
        lines = [line for line in told.splitlines() if "FATAL" in line or "PANIC" in line]
        raise OpsError("\n".join(["PostgreSQL could not recover it:", *(lines or [answer.errors])]))


def _becomes_ready(tools: Tools, into: Path, port: int) -> bool:
    """Wait for the end of the recovery, to which pg_ctl does not wait; False where it fails."""
    while tools.ask("pg_isready", "--quiet", "--host", HOST, "--port", str(port)).code != 0:
        if tools.ask("pg_ctl", "status", "--pgdata", into).code != 0:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _write(path: Path, text: str) -> None:
    """Write into a file that is there already, whose owner stays."""
    path.write_text(text)


def _touch(tools: Tools, path: Path) -> None:
    answer = tools.ask_any("touch", path)
    if answer.code != 0:
        raise OpsError(answer.errors.strip())
