"""The plan of a run: from a seed, which faults come when; the same seed gives the same plan."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from chaos.faults import CELLS, Cell, possible

# Before each fault, its watch is looked at for so long without it: it has to say no.
CONTROL_SECONDS = 0.2
# Between two steps the shop may recover.
REST_SECONDS = 0.6
# After the first round of single cells: how often two come together, and three.
_TWO, _THREE = 0.7, 0.3


@dataclass(frozen=True)
class Step:
    """Faults that are there together, and when they begin if all goes by the clock."""

    number: int
    at_seconds: float
    cells: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """How long it lasts at the least."""
        return max(CELLS[name].hold_seconds for name in self.cells) + CONTROL_SECONDS + REST_SECONDS


def make(seed: int, seconds: float, *, only: Sequence[str] = ()) -> list[Step]:
    """
    Plan a run of so many seconds: each cell alone, in any order, then pairs and triples.

    Where the time is short for it, cells are left out, but not a whole component before the
    others had their turn.
    """
    random = Random(seed)
    cells = [one for one in possible() if not only or one.name in only]
    steps: list[Step] = []
    clock = 0.0
    for names in _choices(random, cells):
        step = Step(len(steps), round(clock, 2), names)
        if clock + step.seconds > seconds:
            break
        steps.append(step)
        clock += step.seconds
    return steps


def _choices(random: Random, cells: Sequence[Cell]) -> Iterator[tuple[str, ...]]:
    """Name what is broken, step by step and without end."""
    yield from ((one.name,) for one in _alone(random, cells))
    while True:
        count = random.choices((2, 3), (_TWO, _THREE))[0]
        chosen: dict[str, str] = {}
        while len(chosen) < min(count, len({one.target for one in cells})):
            one = random.choice(cells)
            chosen.setdefault(one.target, one.name)
        yield tuple(chosen.values())


def _alone(random: Random, cells: Sequence[Cell]) -> Iterator[Cell]:
    """Go through all cells, taking turns between what they break."""
    by_target: dict[str, list[Cell]] = {}
    for one in random.sample(list(cells), len(cells)):
        by_target.setdefault(one.target, []).append(one)
    while by_target:
        for target in random.sample(list(by_target), len(by_target)):
            yield by_target[target].pop()
            if not by_target[target]:
                del by_target[target]
