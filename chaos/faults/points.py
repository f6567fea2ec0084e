"""Crash points: a process dies, kill -9, between two steps of a story."""

import contextlib
from random import Random

from redis.exceptions import RedisError

from app.core.points import POINTS
from chaos import armed
from chaos.faults.base import Fault, cell
from chaos.house import Shop

# The first time, or one of the next.
_LATEST = 4
# Some stories are told seldom: a return, a purchase on delivery, a count of the stock.
_COMES_BY_WITHIN_SECONDS = 12.0
_OF_CLUSTERS = {"cart.between-slots"}
_OF_LOADS = {"load.before-set", "load.before-publish"}


class DeadAt(Fault):
    """Whoever comes to a point dies there."""

    def __init__(self, shop: Shop, random: Random, point: str) -> None:
        """Take the point; chance decides the how manieth it is."""
        super().__init__(shop, random)
        self.met_within_seconds = _COMES_BY_WITHIN_SECONDS
        self.point = point
        self.at = 1 if point in _OF_LOADS else random.randint(1, _LATEST)

    def watch(self) -> None:
        """Remember who died there before."""
        self.before = armed.deaths(self.shop.points, self.point)

    def inject(self) -> None:
        """Arm it; products are loaded when Redis has forgotten them."""
        armed.arm(self.shop.points, self.point, at=self.at)
        if self.point in _OF_LOADS:
            with contextlib.suppress(RedisError), self.shop.redis() as client:
                client.flushall()

    def heal(self) -> None:
        """Disarm it; the supervisor has started another process by then."""
        armed.disarm(self.shop.points, self.point)

    def has_bitten(self) -> bool:
        """Tell whether somebody died there since."""
        return bool(armed.deaths(self.shop.points, self.point) - self.before)


def _why_not(point: str) -> str:
    if point in _OF_CLUSTERS:
        return "reached on a cluster alone, and the kit runs one stock Redis"
    return ""


for _point in sorted(POINTS):
    cell(
        f"point {_point}: killed", DeadAt, _point, target="point", hold=1.0,
        sign="the process that came there wrote its id down and died",
        expected="asked again or run again: one effect",
        cannot=lambda point=_point: _why_not(point),  # type: ignore[misc]
    )  # fmt: skip
