"""What a fault is: it remembers how things were, breaks one thing, and can tell whether it bit."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import ClassVar

from chaos.house import Shop


class Fault(ABC):
    """
    One thing that goes wrong, for a while.

    ``watch`` is called first; from then on ``has_bitten`` looks at the same things whether the
    fault is there or not, so that it has to say no before ``inject`` and yes after it.
    """

    # The part of the shop that it breaks: two faults of one part are not there at once.
    target: ClassVar[str] = ""
    hold_seconds: float = 1.0
    # A fault that nobody has met when it is to end stays so much longer, until somebody does.
    met_within_seconds: float = 3.0

    def __init__(self, shop: Shop, random: Random) -> None:
        """Take the shop, and what chance decides."""
        self.shop, self.random = shop, random

    @abstractmethod
    def watch(self) -> None:
        """Remember how things are."""

    @abstractmethod
    def inject(self) -> None:
        """Break it."""

    def heal(self) -> None:  # noqa: B027 - much of what is broken once needs no healing
        """Put it right, as somebody on duty would."""

    @abstractmethod
    def has_bitten(self) -> bool:
        """Tell whether the shop has met it since ``watch``."""


Maker = Callable[[Shop, Random], Fault]


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix: what is broken how, what is expected, and how it is seen to bite."""

    name: str
    make: Maker
    target: str
    hold_seconds: float
    expected: str
    # How it is seen to bite, in words.
    sign: str
    # What this machine lacks for it, where it lacks something.
    cannot: Callable[[], str] = lambda: ""


CELLS: dict[str, Cell] = {}


def cell(
    name: str,
    make: Callable[..., Fault],
    *options: object,
    target: str,
    expected: str,
    sign: str,
    hold: float = 1.0,
    cannot: Callable[[], str] = lambda: "",
) -> None:
    """Write a cell into the matrix; ``options`` are handed to the fault it makes."""

    def made(shop: Shop, random: Random) -> Fault:
        fault = make(shop, random, *options)
        fault.hold_seconds = hold
        return fault

    assert name not in CELLS, name  # noqa: S101
    CELLS[name] = Cell(name, made, target, hold, expected, sign, cannot)


def possible() -> Iterator[Cell]:
    """Go through the cells that this machine can do."""
    return (one for one in CELLS.values() if not one.cannot())
