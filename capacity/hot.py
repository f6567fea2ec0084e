"""
A simulation of one hot product: buyers come at random, each counter is a server of its own.

A call takes the time that the script takes; who finds too few units at their counter has the stock
shared out anew, over one counter where it is little, as the shop does it (docs/inventory.md),
unless that is switched off.
"""

import random
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from app.inventory.counters import FEW
from capacity.waits import Waits

# What happens in turn; each step says what it waits for.
Steps = Generator[simpy.Event, Any, None]


@dataclass(frozen=True)
class Rush:
    """Who comes: ``rate`` buyers a second for so many ``seconds``, one unit each; what is there."""

    units: int
    counters: int
    rate: float
    seconds: float
    reserve_us: float
    refuse_us: float
    # How long all wait while the stock is gathered: a transaction and a load.
    gather_ms: float = 20.0
    is_gathered: bool = True


@dataclass
class Seen(Waits):
    """What became of it; waits in milliseconds, from coming to an answer."""

    sold: int = 0
    refused: int = 0
    # Refused while there were units somewhere.
    wronged: int = 0
    left: int = 0
    gathered: int = 0
    sold_out_after: float | None = None


def play(rush: Rush, *, seed: int = 1) -> Seen:
    """Play it; the same seed gives the same end."""
    return _Sale(rush, random.Random(seed)).played()  # noqa: S311 - a dice, not a secret


class _Sale:
    def __init__(self, rush: Rush, dice: random.Random) -> None:
        self.rush, self.dice, self.seen = rush, dice, Seen()
        self.env = simpy.Environment()
        self.shares = _spread(rush.units, rush.counters)
        self.servers = [simpy.Resource(self.env, 1) for _ in self.shares]
        self.free_at = 0.0

    def played(self) -> Seen:
        self.env.process(self._arrivals())
        self.env.run()
        self.seen.left = sum(self.shares)
        return self.seen

    def _arrivals(self) -> Steps:
        while self.env.now < self.rush.seconds:
            yield self.env.timeout(self.dice.expovariate(self.rush.rate))
            self.env.process(self._buyer(self.dice.random()))

    def _buyer(self, place: float) -> Steps:
        came = self.env.now
        while True:
            shares = self.shares
            number = int(place * len(shares))
            with self.servers[number].request() as turn:
                yield turn
                if shares is not self.shares:
                    # Split anew meanwhile: the old counter is not known any more.
                    continue
                if self.env.now < self.free_at:
                    yield self.env.timeout(self.free_at - self.env.now)
                has_unit = shares[number] > 0
                if has_unit:
                    shares[number] -= 1
                took = self.rush.reserve_us if has_unit else self.rush.refuse_us
                yield self.env.timeout(took / 1e6)
            if has_unit or len(shares) == 1 or not self.rush.is_gathered:
                break
            self._gather(shares)
        self._note(came, has_unit=has_unit)

    def _gather(self, shares: list[int]) -> None:
        if shares is self.shares:
            left = sum(shares)
            is_little = left // self.rush.counters < FEW
            self.shares = _spread(left, 1 if is_little else self.rush.counters)
            self.seen.gathered += 1
            self.free_at = self.env.now + self.rush.gather_ms / 1000

    def _note(self, came: float, *, has_unit: bool) -> None:
        self.seen.waits.append((self.env.now - came) * 1000)
        if has_unit:
            self.seen.sold += 1
            if self.seen.sold == self.rush.units:
                self.seen.sold_out_after = self.env.now
        else:
            self.seen.refused += 1
            self.seen.wronged += sum(self.shares) > 0


def _spread(units: int, counters: int) -> list[int]:
    return [units // counters + (number < units % counters) for number in range(counters)]
