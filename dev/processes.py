"""
The processes of a Procfile, side by side, their output line by line under their names.

Parsing, colours and printing are honcho's. Its manager is not used: it cannot say which process
ended first, wants the main thread and all signals for itself, and killed, leaves all running.
"""

import signal
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from honcho.colour import get_colours
from honcho.environ import parse_procfile
from honcho.printer import Message, Printer

from dev import child

_POLL_SECONDS = 0.1
_LAST_LINES_SECONDS = 1.0


@dataclass(frozen=True)
class Ended:
    """A process that ended by itself."""

    name: str
    code: int

    def __str__(self) -> str:
        """Say it in a sentence."""
        if self.code < 0:
            return f"{self.name} was ended by {signal.Signals(-self.code).name}"
        return f"{self.name} ended by itself with exit code {self.code}"


class Processes:
    """A group of processes; their records are kept in a folder, for the run after a crash."""

    def __init__(self, records: Path, *, output: IO[str]) -> None:
        self._records = records
        self._printer = Printer(output)
        self._printing = threading.Lock()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._readers: list[threading.Thread] = []

    def stop_orphans(self) -> bool:
        """Stop what a killed run left behind; tells whether there was anything."""
        stopped = [child.stop_orphan(record) for record in self._records.glob("*.pid")]
        return any(stopped)

    def start(self, commands: Mapping[str, str], *, cwd: Path, env: Mapping[str, str]) -> None:
        """Start every command, through the shell as a Procfile has it."""
        self._records.mkdir(parents=True, exist_ok=True)
        self._printer.width = max(map(len, commands))
        for (name, command), colour in zip(commands.items(), get_colours(), strict=False):
            process = child.spawn(
                ["/bin/sh", "-c", command],
                record=self._record(name),
                cwd=cwd,
                env=env,
                output=subprocess.PIPE,
            )
            self._running[name] = process
            reader = threading.Thread(target=self._print, args=(name, colour, process), daemon=True)
            reader.start()
            self._readers.append(reader)

    def wait(self, timeout_seconds: float | None = None) -> Ended | None:
        """Wait until one of them ends, and return it; None after the timeout."""
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while True:
            for name, process in self._running.items():
                code = process.poll()
                if code is not None:
                    return Ended(name, code)
            if deadline is not None and time.monotonic() > deadline:
                return None
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Ask all of them to stop at once, and kill those that do not."""
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + child.PATIENCE_SECONDS
        for name, process in self._running.items():
            left = max(0.0, deadline - time.monotonic())
            try:
                process.wait(timeout=left)
            except subprocess.TimeoutExpired:
                child.kill_group(process.pid)
                process.wait()
            self._record(name).unlink(missing_ok=True)
        for reader in self._readers:
            reader.join(timeout=_LAST_LINES_SECONDS)
        self._running.clear()
        self._readers.clear()

    def _record(self, name: str) -> Path:
        return self._records / f"{name}.pid"

    def _print(self, name: str, colour: str, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        with process.stdout as lines:
            for line in lines:
                message = Message("line", line, datetime.now().astimezone(), name, colour)
                try:
                    with self._printing:
                        self._printer.write(message)
                except (OSError, ValueError):
                    continue  # nobody reads any more; but the process must not block


def read_procfile(path: Path) -> dict[str, str]:
    """Return the commands of a Procfile, by name."""
    return dict(parse_procfile(path.read_text()).processes)
