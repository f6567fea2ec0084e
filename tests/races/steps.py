"""What may happen next, more or less often: a choice that hypothesis makes and remembers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.races.deals import Deal

picks = st.integers(0, 9)


@dataclass(frozen=True)
class Step:
    """Something that may happen: how often, when, with what; ``rest`` steps lie before it."""

    act: Callable[..., None]
    arguments: st.SearchStrategy
    weight: int
    when: Callable[[Any], Any]
    which: Callable[[Deal], Any] | None
    rest: int

    def is_due(self, machine: Any) -> bool:
        is_there = self.which is None or any(map(self.which, machine.deals))
        return machine.steps >= self.rest and is_there and bool(self.when(machine))


STEPS: dict[str, Step] = {}


def step(
    weight: int = 1,
    *,
    when: Callable[[Any], Any] = lambda _: True,
    which: Callable[[Deal], Any] | None = None,
    rest: int = 0,
    **arguments: st.SearchStrategy,
):
    """Make a method a step; with ``which`` it is done to one of these deals."""

    def wrap(act: Callable[..., None]) -> Callable[..., None]:
        if which is not None:
            arguments["deal"] = picks
        drawn = st.fixed_dictionaries(arguments)
        STEPS[act.__name__] = Step(act, drawn, weight, when, which, rest)
        return act

    return wrap


def draw(machine: Any, data: st.DataObject) -> tuple[Step, dict[str, Any]]:
    """Choose a step that is due, and what it is done with."""
    due = [name for name, step in STEPS.items() if step.is_due(machine) for _ in range(step.weight)]
    chosen = STEPS[data.draw(st.sampled_from(due), label="step")]
    arguments = data.draw(chosen.arguments, label="with")
    if chosen.which is not None:
        deals = list(filter(chosen.which, machine.deals))
        arguments["deal"] = deals[-1 - arguments["deal"] % len(deals)]
    return chosen, arguments
