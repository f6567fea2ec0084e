"""Histories: what every client asked and was told, one line of JSON each, written as it happens."""

import gzip
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TextIO

Record = Mapping[str, Any]


class History:
    """A file of lines that threads share; what was written is there if the process is killed."""

    def __init__(self, path: Path) -> None:
        """Begin a file, or go on with it."""
        self._file: TextIO = path.open("a", buffering=1)
        self._lock = threading.Lock()

    def note(self, **what: Any) -> None:
        """Write one line."""
        line = json.dumps(what, separators=(",", ":"), default=str)
        with self._lock:
            self._file.write(line + "\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Read lines, packed or not; a last one that was cut off is left out."""
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        for line in lines:
            if line.endswith("\n"):
                yield json.loads(line)


def write(path: Path, records: Iterator[Record] | list[Record]) -> int:
    """Write records packed; tells how many."""
    count = 0
    with gzip.open(path, "wt", compresslevel=3) as file:
        for record in records:
            file.write(json.dumps(record, separators=(",", ":"), default=str) + "\n")
            count += 1
    return count


def find(folder: Path, name: str) -> Path:
    """Find a file of a run, packed or not."""
    packed = folder / f"{name}.jsonl.gz"
    return packed if packed.exists() else folder / f"{name}.jsonl"
