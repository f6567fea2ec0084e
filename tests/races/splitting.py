"""
What each process does that sells a product split over counters, each remembering them for itself.

``without`` names a guard that they do without: a race that such processes win shows nothing.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.synchronize import Barrier
from typing import Any
from unittest import mock
from uuid import uuid4

from sqlalchemy.orm import configure_mappers

from app.checkout import placement
from app.core import db, jobs, redis_client
from app.core.db import transaction
from app.core.problems import ServiceUnavailable
from app.inventory import counters, gathering, scripts, stock
from dev.servers import Urls
from tests.races import buyers, deals, placing
from tests.races.crowd import PLACE_WITHOUT_EPOCH

PROCESSES = 4
COUNT, FEW = 4, 3
UNITS = 90
# Who is refused so often has found the shelf empty.
MOST_REFUSALS = 3

configure_mappers()


def of_one_counter(count: int) -> list[str]:
    """Register some customers whose units are all of the same counter."""
    found: list[str] = []
    while len(found) < count:
        found += [b for b in placing.buyers(count) if counters.number_of(uuid4(), b, COUNT) == 0]
    return found[:count]


def enter(gate: Barrier, urls: Urls, stock_url: str) -> None:
    """Connect this process; called once in each."""
    buyers._gate = gate
    redis_client.connect(stock_url)
    db.connect(urls["DATABASE_URL"])
    jobs.connect(urls["QUEUE_REDIS_URL"])


def sell_out(
    number: int, customers: list[str], *, is_gathered: bool = False, without: str | None = None
) -> int:
    """
    Sell unit by unit to one customer after the other, until nothing is left; tells how many.

    With ``is_gathered`` one process has them gathered while all others know the counters.
    """
    sold = refused = 0
    redis = redis_client.redis()
    with _doing_without(without), mock.patch.object(counters, "FEW", FEW):
        buyers.all_together()
        stock.levels(redis, ["RING"])
        buyers.all_together()
        if number == 0 and is_gathered:
            with transaction() as session:
                stock.load(session, redis, ["RING"], is_forced=True, wanted={"RING": UNITS + 1})
        buyers.all_together()
        while refused < MOST_REFUSALS:
            deal = deals.of(uuid4(), customers[(sold + refused) % len(customers)], {"RING": 1})
            try:
                if not deal.reserve(redis):
                    refused += 1
                elif deal.remember(crashes=False):
                    sold += 1
                    if without is None and sold % 3 == 0:
                        pay(deal)
            except ServiceUnavailable:
                continue
    return sold


def pay(deal: deals.Deal) -> None:
    """Pay as the job does, which runs again until the order is confirmed."""
    redis = redis_client.redis()
    while deal.is_payable:
        try:
            assert deal.commit(redis)
            if deal.deduct(redis, crashes=False):
                deal.settle(redis)
        except ServiceUnavailable:
            continue


def buy_many(customers: list[str], *, tries: int) -> dict[str, int]:
    """Reserve for the same customers as others do; tells how many units each was given."""
    redis, given = redis_client.redis(), dict.fromkeys(customers, 0)
    with mock.patch.object(counters, "FEW", FEW):
        buyers.all_together()
        for number in range(tries * len(customers)):
            buyer = customers[number % len(customers)]
            deal = deals.of(uuid4(), buyer, {"RING": 1})
            if deal.reserve(redis) and deal.remember(crashes=False):
                given[buyer] += 1
    return given


def _alone(redis: Any, _claim: Any, ask: Any) -> Any:
    return stock.knowing(redis, ask)


_WITHOUT: dict[str | None, list[tuple[Any, str, Any]]] = {
    None: [],
    "gathering": [(gathering, "promising", _alone)],
    "fencing": [
        (scripts, "forget", lambda *_, **__: None),
        (scripts, "discard", lambda *_, **__: None),
        (placement, "_PLACE", PLACE_WITHOUT_EPOCH),
    ],
}


@contextmanager
def _doing_without(guard: str | None) -> Iterator[None]:
    with ExitStack() as patches:
        for module, name, instead in _WITHOUT[guard]:
            patches.enter_context(mock.patch.object(module, name, instead))
        yield
