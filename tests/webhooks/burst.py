"""A burst: many different events about some orders, and about nobody's, each told many times."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from tests.builders import Shop
from tests.failures.account import on_the_dashboard
from tests.gateway import Delivery
from tests.payments.purchase import Purchase, purchase

SAMPLES = Path(__file__).parent / "samples"
COPIES = 16
# Of the money of every third order some was given back at the gateway.
REFUNDED = 3
GIVEN_BACK = 12_345
FOREIGN = (
    "payment.captured.upi",
    "order.paid.card",
    "refund.processed.normal",
    "payment.failed.upi",
)
MALFORMED = (b'{"event":"payment.captured"}', b"not JSON", b'{"event":"order.paid","payload":7}')


@dataclass
class Paid:
    """An order that was tried in vain, then paid, and perhaps refunded in part."""

    bought: Purchase
    failed: str
    captured: str
    refund: dict[str, Any] | None = None


@dataclass
class Burst:
    """What happened at the gateway, and everything that is told of it."""

    shop: Shop
    orders: list[Paid] = field(default_factory=list)
    events: list[Delivery] = field(default_factory=list)

    def copies(self) -> list[Delivery]:
        """Every event so many times, in no order at all."""
        told = self.events * COPIES
        random.Random(len(told)).shuffle(told)
        return told


def burst(shop: Shop, *, orders: int, events: int) -> Burst:
    """Have so many orders of one ring paid, and write so many events."""
    made = Burst(shop)
    for number in range(orders):
        made.orders.append(_pay(shop, is_refunded=number % REFUNDED == 0))
    made.events.extend(islice(_events(made), events))
    return made


def under_other_ids(copies: list[Delivery]) -> list[Delivery]:
    """Give every copy an id of its own, as if each were another event."""
    return [
        replace(delivery, event_id=f"{delivery.event_id}.{n}") for n, delivery in enumerate(copies)
    ]


def _pay(shop: Shop, *, is_refunded: bool) -> Paid:
    bought = purchase(shop, ring=1)
    paid = Paid(bought, bought.pay("failed"), bought.pay())
    if is_refunded:
        path = f"payments/{paid.captured}/refund"
        paid.refund = on_the_dashboard(shop.gateway.url, path, amount=GIVEN_BACK)
    return paid


def _events(made: Burst) -> Iterator[Delivery]:
    """Write events without end: each kind about each order in turn, each a little different."""
    gateway = made.shop.gateway
    payments = {payment["id"]: payment for payment in gateway.books()["payments"]}
    foreign, malformed = cycle(FOREIGN), cycle(MALFORMED)
    for round_ in range(10**6):
        for number, paid in enumerate(made.orders):
            captured = payments[paid.captured] | {"round": round_}
            before = captured | {"status": "authorized", "captured": False}
            yield gateway.event("payment.authorized", before)
            yield gateway.event("payment.failed", payments[paid.failed] | {"round": round_})
            yield gateway.event("payment.captured", captured)
            yield gateway.event("order.paid", captured)
            if paid.refund is not None:
                yield gateway.event("refund.created", captured, refund=paid.refund)
                yield gateway.event("refund.processed", captured, refund=paid.refund)
            if number % 2:
                sample = json.loads((SAMPLES / f"{next(foreign)}.json").read_bytes())
                yield gateway.deliver_of(sample | {"round": round_})
            else:
                yield gateway.deliver_of(next(malformed))
