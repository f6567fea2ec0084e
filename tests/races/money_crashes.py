"""Where a process may die: between any two steps of a story, before or after a call of its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from unittest import mock

import workers.drain
from app.checkout import complete, confirm, pay, promise, start
from app.core import jobs
from app.inventory import reservations, scripts
from app.payments import payments, refunds
from app.payments.razorpay import Razorpay
from app.payments.stripe import Stripe
from app.treasury import news, reconciliation, refund
from app.webhooks import events, inbox


class Killed(BaseException):
    """The process is gone; no handler of the shop gets to see it."""


@dataclass(frozen=True)
class Point:
    """A call at whose beginning or end the process dies."""

    owner: Any
    name: str
    is_after: bool = False

    def __post_init__(self) -> None:
        assert callable(getattr(self.owner, self.name)), "the shop has changed"


def before(owner: Any, name: str) -> Point:
    return Point(owner, name)


def after(owner: Any, name: str) -> Point:
    return Point(owner, name, is_after=True)


_CAPTURE = {
    "a job is claimed": before(workers.drain, "_work"),
    "a capture is told": before(complete, "commit_all"),
    "Redis has committed": after(complete, "commit_all"),
    "Postgres commits a capture": after(complete, "_conclude"),
    "Redis settles": before(complete, "settle_all"),
    "Redis has settled": after(complete, "settle_all"),
    "the news is taken": after(news, "take"),
    "an event is done": after(events, "_handle"),
    "a job is done": before(jobs, "finish"),
    "units are taken anew": after(confirm, "commit_units"),
    "Razorpay has captured": after(Razorpay, "capture"),
    "Stripe has captured": after(Stripe, "capture"),
    "a try is followed": after(news, "follow_attempts"),
}
_REFUND = {
    "a refund is about to be asked for": before(refund, "_ask"),
    "Razorpay has refunded": after(Razorpay, "refund"),
    "Stripe has refunded": after(Stripe, "refund"),
    "a refund's answer is written": before(refund, "follow_refund"),
    "Postgres commits a refund": after(refunds, "follow"),
    "a refund is ended": after(refund, "follow_refund"),
    "a refund's failure is noted": after(refund, "_note"),
    "a job is done": before(jobs, "finish"),
}
_POLL = {
    "payments are due": after(payments, "due_to_poll"),
    "a payment is asked about": before(Razorpay, "attempts"),
    "a day is written": before(reconciliation, "_write"),
    "a difference is taken": after(reconciliation, "_taken"),
}
_DOOR = {
    "the reservation is extended": before(inbox, "_extend"),
    "Postgres commits an extension": after(inbox, "extend_reservation"),
    "Redis has extended": after(scripts, "extend"),
}
_OPENING = {
    "the payment is prepared": after(payments, "prepare"),
    "the gateway has opened": after(Razorpay, "open"),
    "Stripe has opened": after(Stripe, "open"),
    "the payment is attached": after(pay, "_opened"),
    "a promise is committed": after(promise, "commit_units"),
    "Postgres commits a promise": after(promise, "_conclude"),
    "a promise is settled": before(promise, "settle_units"),
}
_CHECKOUT = {
    "units are reserved": after(reservations, "reserve"),
    "Postgres commits an order": after(start, "_place"),
    "the order is written": before(start, "Answer"),
}
_ENDING = {
    "Redis releases": before(reservations, "release"),
    "Redis has released": after(reservations, "release"),
    "Postgres commits an end": after(reservations, "resolve"),
}
POINTS = {
    "checkout": _CHECKOUT,
    "opening": _OPENING,
    "ending": _ENDING,
    "door": _DOOR,
    "webhooks": _CAPTURE | _REFUND,
    "payments": _REFUND | _POLL,
    "polling": _CAPTURE | _POLL | _REFUND,
    "cash": {name: _CAPTURE[name] for name in ("Redis has committed", "Redis settles")},
}


class Walk:
    """A process on its way: it dies when it comes to the ``at``-th point, whichever that is."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.reached = 0
        # Where it died.
        self.end: str | None = None

    def come_to(self, name: str) -> None:
        self.reached += 1
        if self.reached == self.at:
            self.end = name
            raise Killed


@contextmanager
def dying(place: str, *, at: int) -> Iterator[Walk]:
    """Die at the ``at``-th point of a place, and swallow it: nobody sees a process die."""
    walk = Walk(at)
    with ExitStack() as patches:
        for name, point in POINTS[place].items():
            instead = _passing(walk, name, point, getattr(point.owner, point.name))
            patches.enter_context(mock.patch.object(point.owner, point.name, instead))
        # A process that is gone gives nothing back.
        if place == "checkout":
            patches.enter_context(mock.patch.object(start, "_release"))
        with suppress(Killed):
            yield walk


def _passing(walk: Walk, name: str, point: Point, really: Callable[..., Any]) -> Any:
    def instead(*args: Any, **options: Any) -> Any:
        if not point.is_after:
            walk.come_to(name)
        result = really(*args, **options)
        if point.is_after:
            walk.come_to(name)
        return result

    return instead
