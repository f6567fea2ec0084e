"""What may happen to money next, more or less often: hypothesis chooses, and remembers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

picks = st.integers(0, 9)


@dataclass(frozen=True)
class Step:
    """Something that may happen: how often, when, to which of these, with what."""

    act: Callable[..., None]
    arguments: st.SearchStrategy
    weight: int
    when: Callable[[Any], Any]
    which: Callable[[Any], Sequence[Any]] | None
    rest: int

    def is_due(self, machine: Any) -> bool:
        return machine.steps >= self.rest and bool(self.when(machine)) and bool(
            self.which is None or self.which(machine)
        )  # fmt: skip


STEPS: dict[str, Step] = {}


def step(
    weight: int = 1,
    *,
    when: Callable[[Any], Any] = lambda _: True,
    which: Callable[[Any], Sequence[Any]] | None = None,
    rest: int = 0,
    **arguments: st.SearchStrategy,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """
    Make a method a step; with ``which`` it is done to one of these, the last ones more often.

    ``rest`` steps lie before it since it, or another one with a rest, was done.
    """

    def wrap(act: Callable[..., None]) -> Callable[..., None]:
        drawn = st.fixed_dictionaries(arguments | ({"pick": picks} if which else {}))
        STEPS[act.__name__] = Step(act, drawn, weight, when, which, rest)
        return act

    return wrap


def take(machine: Any, data: st.DataObject) -> str:
    """Choose a step that is due and take it; returns its name."""
    due = [name for name, one in STEPS.items() if one.is_due(machine) for _ in range(one.weight)]
    name = data.draw(st.sampled_from(due), label="step")
    chosen = STEPS[name]
    arguments = data.draw(chosen.arguments, label="with")
    if chosen.rest:
        machine.steps = 0
    things = []
    pick = arguments.pop("pick", 0)
    if chosen.which is not None:
        found = chosen.which(machine)
        things = [found[-1 - pick % len(found)]]
    machine.count(name)
    machine.trace.append((name, *things, arguments | {"pick": pick}))
    chosen.act(machine, *things, **arguments)
    return name
