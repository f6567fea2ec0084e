"""
The stage: actors of whom exactly one is at work at any moment, and a seed that says who is next.

An actor gives way at the shop's named points and before each call to a server or a gateway. It may
die there: nothing that it does afterwards reaches anybody, and its transaction is undone. Who waits
for a row that somebody else has locked is passed over until the row is free.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from greenlet import getcurrent, greenlet

# How much more likely whoever was at work goes on: all may be interrupted everywhere, or seldom.
STICKINESS = (0.0, 0.0, 0.5, 0.8, 0.95)
# A history that takes more steps than this goes round in circles.
MOST_STEPS = 20_000
# How likely one who waits for a lock loses patience rather than being passed over.
IMPATIENCE = 0.02


# How many of the deaths may be at any call; the others are at named points.
CALLS = 0.4


class KilledError(BaseException):
    """The process is gone; no handler of the shop has a say in that."""


class Waiting(Protocol):
    """A connection on which an actor waits for a lock."""

    def is_blocked(self) -> bool:
        """Tell whether somebody still has what it waits for."""

    def is_queued(self, others: Sequence[Any]) -> bool:
        """Tell whether one of these waits for the same: the server would say who is next."""

    def cancel(self) -> None:
        """Give up the wait, as a time-out would; it is over when this returns."""


@dataclass
class Actor:
    """One process of the shop, or one of its customers with the process that serves them."""

    name: str
    body: Callable[["Actor"], None]
    # At which point from now it dies, 0 for none; or at which point or call.
    dies_in: int = 0
    dies_at_calls: bool = False
    is_dead: bool = False
    waits_for: Waiting | None = None
    # Set where a fault met it since it was last looked at.
    is_disturbed: bool = False
    greenlet: Any = None


@dataclass
class Stage:
    """The actors of one history, and all that happened."""

    random: Random
    # How likely a call to a server is lost, before or after it was done.
    fault_rate: float = 0.0
    # How likely an actor is to die within its next request.
    death_rate: float = 0.0
    actors: list[Actor] = field(default_factory=list)
    tape: list[str] = field(default_factory=list)
    reached: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    current: Actor | None = None
    stickiness: float = 0.0
    hub: Any = None
    # Done before each request.
    tick: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        """Draw how this history interrupts."""
        self.stickiness = self.random.choice(STICKINESS)

    def add(self, name: str, body: Callable[[Actor], None]) -> None:
        """Let an actor take part."""
        self.actors.append(Actor(name, body))

    def run(self) -> None:
        """Let all of them play to the end."""
        self.hub = getcurrent()
        for actor in self.actors:
            actor.greenlet = greenlet(actor.body, self.hub)
        last: Actor | None = None
        for _ in range(MOST_STEPS):
            here = [actor for actor in self.actors if not actor.greenlet.dead]
            if not here:
                return
            last = self._next(here, last)
            self.current = last
            last.greenlet.switch(last)
            self.current = None
        raise AssertionError(f"no end after {MOST_STEPS} steps")

    def _next(self, here: list[Actor], last: Actor | None) -> Actor:
        free = [actor for actor in here if actor.waits_for is None]
        while not free:
            # All wait for one another: the server finds that out, and refuses one of them.
            self.settle()
            free = [actor for actor in here if actor.waits_for is None]
        if last in free and self.random.random() < self.stickiness:
            return last
        return self.random.choice(free)

    def give_way(self, why: str) -> None:
        """Let somebody else go first, perhaps."""
        actor = self.current
        assert actor is not None  # noqa: S101
        self.tape.append(f"{actor.name} {why}")
        self.hub.switch()

    def point(self, name: str) -> None:
        """Hear that the shop has come to one of its points."""
        actor = self.current
        if actor is None:
            return
        if actor.is_dead:
            raise KilledError
        self.reached[name] += 1
        self._perhaps_die(actor, name)
        self.give_way(name)

    def call(self, kind: str) -> str | None:
        """Hear that a call is about to be made; tells whether and how it is to be lost."""
        actor = self.current
        if actor is None:
            return None
        if actor.is_dead:
            raise KilledError
        if actor.dies_at_calls:
            self._perhaps_die(actor, kind)
        self.give_way(kind)
        if self.fault_rate and self.random.random() < self.fault_rate:
            fault = self.random.choice(("before", "after"))
            self.tape.append(f"{actor.name} loses {kind} {fault}")
            self.faults[f"{kind} lost {fault}"] += 1
            actor.is_disturbed = True
            return fault
        return None

    def _perhaps_die(self, actor: Actor, where: str) -> None:
        if actor.dies_in:
            actor.dies_in -= 1
            if not actor.dies_in:
                self.tape.append(f"{actor.name} dies at {where}")
                self.deaths[where] += 1
                actor.is_dead = True
                raise KilledError

    @contextmanager
    def mortal(self, actor: Actor) -> Iterator[None]:
        """Let an actor do one request, which may be its process' last; another one goes on."""
        actor.is_disturbed = False
        self.current = None
        self.tick()
        self.current = actor
        if self.random.random() < self.death_rate:
            actor.dies_at_calls = self.random.random() < CALLS
            actor.dies_in = self.random.randint(1, 25 if actor.dies_at_calls else 6)
        try:
            yield
        finally:
            actor.is_dead, actor.dies_in = False, 0

    def wait_for(self, what: Waiting) -> None:
        """Be passed over as long as somebody has what the actor at work waits for."""
        actor = self.current
        assert actor is not None  # noqa: S101
        others = [one.waits_for for one in self.actors if one.waits_for is not None]
        self.tape.append(f"{actor.name} waits for a row")
        if what.is_queued(others) or self.random.random() < IMPATIENCE:
            self.tape.append(f"{actor.name} waits no longer")
            actor.is_disturbed = True
            what.cancel()
        else:
            actor.waits_for = what
        self.hub.switch()

    def clear(self) -> None:
        """Let those who are left die where they are, and do nothing more on their way out."""
        for actor in self.actors:
            if actor.greenlet and not actor.greenlet.dead:
                self.current, actor.is_dead = actor, True
                with suppress(BaseException):
                    actor.greenlet.throw(KilledError)
        self.current = None

    def settle(self) -> None:
        """Look who need not wait any more, once something may have been let go."""
        for actor in self.actors:
            if actor.waits_for is not None and not actor.waits_for.is_blocked():
                actor.waits_for = None
