"""What the shop's processes wrote: how often a word stands there, read once."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

WORDS = ("maxmemory", "READONLY", "BUSY", "MISCONF", "No space left")


@dataclass
class Logs:
    """The logs in a folder; each look reads what has come since."""

    folder: Path
    _read: dict[Path, int] = field(default_factory=dict)
    _found: Counter[str] = field(default_factory=Counter)

    def count(self, word: str) -> int:
        """Tell how often a word stands there."""
        for path in self.folder.glob("*.log"):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                text = file.read()
                # A line that is still being written is read whole next time.
                whole, _, rest = text.rpartition(b"\n")
                self._read[path] = file.tell() - len(rest)
            for one in WORDS:
                self._found[one] += whole.count(one.encode())
        return self._found[word]
