"""A mutant: the shop without one of its guards, and the tests that have to miss it."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LISTS = Path(__file__).parent / "guards"


class GuardMovedError(Exception):
    """The text of a guard is not in its file exactly once."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One guard: what it is for, where it stands, what is there without it, and who notices."""

    name: str
    # The promises of docs/mutants.md that it serves, the first one first.
    promise: str
    against: str
    file: str
    text: str
    without: str
    tests: tuple[str, ...]

    def applied_to(self, source: str) -> str:
        """
        Give the source of its file without the guard.

        Raises:
            GuardMovedError: the guard is not there, or there more than once.
        """
        found = source.count(self.text)
        if found != 1:
            raise GuardMovedError(
                f"{self.name}: the guard has moved, its text is {found} times in {self.file}"
            )
        return source.replace(self.text, self.without)


def listed(lists: Path = LISTS) -> list[Mutant]:
    """Read every mutant of a folder of lists."""
    return [mutant for path in sorted(lists.glob("*.toml")) for mutant in _read(path)]


def named(mutants: Sequence[Mutant], names: Sequence[str]) -> list[Mutant]:
    """
    Choose those of which a name is the beginning.

    Raises:
        LookupError: a name is of none.
    """
    for name in names:
        if not any(mutant.name.startswith(name) for mutant in mutants):
            raise LookupError(f"no guard is named {name}; --list tells all")
    return [mutant for mutant in mutants if mutant.name.startswith(tuple(names))]


def _read(path: Path) -> Iterator[Mutant]:
    for guard in tomllib.loads(path.read_text())["guard"]:
        yield Mutant(**(guard | {"tests": tuple(f"tests/{test}" for test in guard["tests"])}))
