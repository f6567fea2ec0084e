"""Programs that are started again whenever they end, as a supervisor does in production."""

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench import processes
from dev import child

ROOT = Path(__file__).resolve().parents[1]


def descendants(pid: int) -> list[int]:
    """List the processes that a process started, and those that they did."""
    found = processes.children(pid)
    return found + [one for child_pid in found for one in descendants(child_pid)]


def is_stopped(pid: int) -> bool:
    """Tell whether a process stands still, by the kernel's word."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] == "T"


def has_sockets(pid: int) -> bool:
    """Tell whether a process speaks with anybody."""
    try:
        files = list(Path(f"/proc/{pid}/fd").iterdir())
        return any(str(file.readlink()).startswith("socket:") for file in files)
    except OSError:
        return False


@dataclass
class Program:
    """One process of the shop and those that it starts; its output is in the folder."""

    name: str
    command: str
    env: Mapping[str, str]
    folder: Path
    # Where the code is that it runs.
    code: Path = ROOT
    process: "subprocess.Popen[bytes] | None" = None
    # While it is held down nobody starts it again.
    is_held: bool = False
    starts: int = 0
    # What the next start has in its environment besides, once.
    armed: dict[str, str] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """Its process id, 0 before the first start."""
        return self.process.pid if self.process else 0

    @property
    def is_alive(self) -> bool:
        """Tell whether it runs."""
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start it."""
        env = {**os.environ, **self.env, **self.armed}
        self.armed = {}
        self.starts += 1
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = child.spawn(
                ["/bin/sh", "-c", self.command],
                record=self.folder / f"{self.name}.pid",
                cwd=self.code,
                env=env,
                output=log,
            )

    def look_after(self) -> bool:
        """Start it again where it has ended; tells whether it had."""
        if self.is_held or self.is_alive:
            return False
        self.start()
        return True

    def pids(self) -> list[int]:
        """List its process and those that it started."""
        return [self.pid, *descendants(self.pid)] if self.is_alive else []

    def signal(self, number: signal.Signals, pids: Iterable[int] | None = None) -> None:
        """Send a signal to all of its processes, or to these."""
        for pid in self.pids() if pids is None else pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def kill(self) -> None:
        """End it at once, with all that it started."""
        if self.process is not None:
            child.kill_group(self.pid)
            self.process.wait()

    def stop(self, patience_seconds: float = 15) -> float:
        """Ask it to stop; tells the seconds that it took."""
        begun = time.monotonic()
        self.is_held = True
        if self.process is not None:
            self.signal(signal.SIGCONT)
            child.stop(self.process, patience_seconds=patience_seconds)
            # What a killed leader left behind.
            child.kill_group(self.pid)
        return time.monotonic() - begun
