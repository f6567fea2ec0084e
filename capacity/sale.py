"""
A simulation of a sale's queue: payments are told in a rush, workers confirm them in batches.

A worker takes what is due, up to a hundred at once; a batch takes a time of its own and one for
each order. What comes in faster than that waits, and is worked off after the rush.
"""

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

import simpy

from capacity.waits import Waits

# What happens in turn; each step says what it waits for.
Steps = Generator[simpy.Event, Any, None]

BATCH = 100
_LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Rush:
    """``rate`` payments a second for so many ``seconds``, and who confirms them."""

    rate: float
    seconds: float
    workers: int
    order_ms: float
    batch_ms: float = 5.0


@dataclass
class Seen(Waits):
    """What was seen: the longest queue, the waits in seconds, and (time, length) of the queue."""

    confirmed: int = 0
    longest: int = 0
    over_after: float = 0.0
    lengths: list[tuple[float, int]] = field(default_factory=list)


def play(rush: Rush, *, seed: int = 1) -> Seen:
    """Play it until the queue is empty; the same seed gives the same end."""
    return _Sale(rush, random.Random(seed)).played()  # noqa: S311 - a dice, not a secret


class _Sale:
    def __init__(self, rush: Rush, dice: random.Random) -> None:
        self.rush, self.dice, self.seen = rush, dice, Seen()
        self.env = simpy.Environment()
        # What waits, by when it came.
        self.queue: list[float] = []
        self.woken = self.env.event()

    def played(self) -> Seen:
        self.env.process(self._payments())
        self.env.process(self._watch())
        for _ in range(self.rush.workers):
            self.env.process(self._worker())
        self.env.run()
        return self.seen

    def _payments(self) -> Steps:
        while self.env.now < self.rush.seconds:
            yield self.env.timeout(self.dice.expovariate(self.rush.rate))
            self.queue.append(self.env.now)
            self.seen.longest = max(self.seen.longest, len(self.queue))
            if not self.woken.triggered:
                self.woken.succeed()

    def _worker(self) -> Steps:
        while True:
            while not self.queue:
                if self.woken.triggered:
                    self.woken = self.env.event()
                yield self.woken
            batch, self.queue = self.queue[:BATCH], self.queue[BATCH:]
            took_ms = self.rush.batch_ms + self.rush.order_ms * len(batch)
            yield self.env.timeout(took_ms / 1000)
            self.seen.waits += [self.env.now - came for came in batch]
            self.seen.confirmed += len(batch)
            self.seen.over_after = self.env.now

    def _watch(self) -> Steps:
        while self.env.now < self.rush.seconds or self.queue:
            self.seen.lengths.append((self.env.now, len(self.queue)))
            yield self.env.timeout(_LOOK_SECONDS)
        self.seen.lengths.append((self.env.now, 0))
