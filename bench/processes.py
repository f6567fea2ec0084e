"""What processes cost: CPU time and memory, as Linux counts them below /proc."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE_SECONDS = 15


class Memory(NamedTuple):
    """Memory of one process in bytes: resident, and with what is shared counted by its share."""

    rss: int
    pss: int


class _Stat(NamedTuple):
    parent: int
    # Its own and that of children which ended.
    cpu_seconds: float


def cpu_seconds(*roots: int) -> float:
    """Tell the CPU time that processes have used, those that they started included."""
    found = dict(_all())
    return sum(found[pid].cpu_seconds for pid in _below(found, roots) if pid in found)


def children(pid: int) -> list[int]:
    """List the processes that a process started and that live."""
    return sorted(number for number, stat in _all() if stat.parent == pid)


def parent(pid: int) -> int:
    """Tell who started a process."""
    return dict(_all())[pid].parent


def memory(pid: int) -> Memory:
    """Look at a process' memory."""
    fields = dict(
        line.split(":", 1)
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()[1:]
    )
    return Memory(*(int(fields[name].split()[0]) * 1024 for name in ("Rss", "Pss")))


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a process that leads a session to stop; kill all of the session where it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _below(found: dict[int, _Stat], roots: tuple[int, ...]) -> set[int]:
    below = set(roots)
    while more := {pid for pid, stat in found.items() if stat.parent in below} - below:
        below |= more
    return below


def _all() -> Iterator[tuple[int, _Stat]]:
    for folder in _PROC.glob("[0-9]*"):
        try:
            # The name, in parentheses, may itself hold spaces and parentheses.
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        yield int(folder.name), _Stat(int(fields[1]), sum(map(int, fields[11:15])) / _TICKS)
