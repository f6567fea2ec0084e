"""
Child processes that end with their parent, or are found and stopped by its next run.

On Linux the kernel signals a child whose parent died, kill -9 included. Everywhere each child
is also written into a record file, from which `stop_orphan` knows it again.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_IS_LINUX = sys.platform.startswith("linux")
_LIBC = ctypes.CDLL(None) if _IS_LINUX else None
_PR_SET_PDEATHSIG = 1

# How long a process may take to stop when asked to, before it is killed.
PATIENCE_SECONDS = 10.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Owner:
    """The user a server runs as."""

    uid: int
    gid: int


def spawn(
    command: Sequence[str],
    *,
    record: Path,
    cwd: Path,
    env: Mapping[str, str],
    output: IO[bytes] | int,
    stop_with: signal.Signals = signal.SIGTERM,
    owner: Owner | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, out of reach of the terminal's Ctrl-C."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        # It only calls what was loaded before the fork, so no other thread's lock matters.
        preexec_fn=_end_with_parent(stop_with),  # noqa: PLW1509
        user=owner.uid if owner else None,
        group=owner.gid if owner else None,
        extra_groups=[] if owner else None,
    )
    record.write_text(f"{process.pid} {_started_at(process.pid)}\n")
    return process


def _end_with_parent(stop_with: signal.Signals) -> Callable[[], None] | None:
    # The kernel sends the signal when the *thread* that forked ends: safe in the main one only.
    if _LIBC is None or threading.current_thread() is not threading.main_thread():
        return None
    libc, parent, number = _LIBC, os.getpid(), int(stop_with)

    def ask_the_kernel() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # it died before it was asked
            os._exit(1)

    return ask_the_kernel


def stop(
    process: subprocess.Popen[bytes],
    *,
    stop_with: signal.Signals = signal.SIGTERM,
    patience_seconds: float = PATIENCE_SECONDS,
) -> int:
    """Ask a process to stop, kill its group if it does not, and return its exit code."""
    if process.poll() is None:
        process.send_signal(stop_with)
    try:
        return process.wait(timeout=patience_seconds)
    except subprocess.TimeoutExpired:
        kill_group(process.pid)
        return process.wait()


def stop_orphan(
    record: Path,
    *,
    stop_with: signal.Signals = signal.SIGTERM,
    patience_seconds: float = PATIENCE_SECONDS,
) -> bool:
    """
    Stop the process of an earlier run that this record names, and forget the record.

    A process id alone proves nothing, it may be another's by now: the moment at which the
    process started has to agree too. Returns whether there was one.
    """
    try:
        pid_text, _, started_at = record.read_text().strip().partition(" ")
        pid = int(pid_text)
    except (FileNotFoundError, ValueError):
        record.unlink(missing_ok=True)
        return False

    def is_ours() -> bool:
        return bool(started_at) and _started_at(pid) == started_at

    was_alive = is_ours()
    if was_alive:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, stop_with)
        if not _wait_until(lambda: not is_ours(), patience_seconds):
            kill_group(pid)
            _wait_until(lambda: not is_ours(), patience_seconds)
    record.unlink(missing_ok=True)
    return was_alive


def kill_group(pid: int) -> None:
    """Kill a process that `spawn` started, and those it started in turn."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def command_of(pid: int) -> str:
    """Return the command line of a process, or nothing where there is no such process."""
    if _IS_LINUX:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            return ""
    return _ps(pid, "command")


def _started_at(pid: int) -> str:
    """Return a text that no other process of this id will have; empty if it is gone."""
    if not _IS_LINUX:
        return _ps(pid, "lstart")
    try:
        # The name, in parentheses, may itself hold spaces and parentheses.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    state, start_ticks = fields[0], fields[19]
    return "" if state in "ZX" else start_ticks


def _ps(pid: int, column: str) -> str:
    command = ["ps", "-o", f"{column}=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _wait_until(condition: Callable[[], bool], patience_seconds: float) -> bool:
    deadline = time.monotonic() + patience_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True
