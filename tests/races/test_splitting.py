"""Real processes sell a product that is split, each by what it remembers of its counters."""

import pytest

from app.inventory import counters, reconciler
from app.inventory.terms import Levels
from tests.races import books
from tests.races.forks import processes
from tests.races.placing import buyers
from tests.races.splitting import (
    COUNT,
    FEW,
    PROCESSES,
    UNITS,
    buy_many,
    enter,
    of_one_counter,
    sell_out,
)

EACH = 4


@pytest.fixture(scope="module")
def sellers(server_urls):
    with processes(PROCESSES, enter, server_urls, server_urls["STOCK_REDIS_URL"]) as run:
        yield run


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setattr(counters, "FEW", FEW)


def sell(run, *, by=buyers, **how):
    everybody = by(PROCESSES * EACH)
    mine = [(number, everybody[number::PROCESSES]) for number in range(PROCESSES)]
    return sum(run(sell_out, *mine, **how))


@pytest.mark.parametrize("is_gathered", [False, True], ids=["at its end", "at once"])
def test_every_unit_is_sold_once_and_none_is_stranded(shop, session, redis, sellers, is_gathered):
    shop.product("ring", UNITS, counters=COUNT)
    shop.levels("ring")

    assert sell(sellers, is_gathered=is_gathered) == UNITS

    shelf = books.look(session, redis, ["RING"])["RING"]
    books.check_ledger(shelf)
    books.check_holdings(shelf)
    books.check_counts(shelf, {})
    assert shop.levels("ring") == Levels(shelf.on_hand, shelf.on_hand, 0)
    assert reconciler.suspicions(session, redis, ["RING"], longest_ms=1_800_000) == {}


def test_without_gathering_units_are_stranded(shop, redis, sellers):
    shop.product("ring", UNITS, counters=COUNT)
    shop.levels("ring")

    sold = sell(sellers, by=of_one_counter, without="gathering")

    assert sold < UNITS
    assert shop.levels("ring").available == UNITS - sold


def test_where_an_older_layout_is_trusted_too_much_is_sold(shop, redis, sellers):
    shop.product("ring", UNITS, counters=COUNT)
    shop.levels("ring")

    assert sell(sellers, is_gathered=True, without="fencing") > UNITS


def test_a_purchase_limit_is_exact_however_many_sell_to_one_buyer(shop, redis, sellers):
    shop.product("ring", UNITS, counters=COUNT, purchase_limit=3)
    shop.levels("ring")
    everybody = buyers(EACH)

    answers = sellers(buy_many, *[(everybody,)] * PROCESSES, tries=3)

    assert {b: sum(answer[b] for answer in answers) for b in everybody} == dict.fromkeys(
        everybody, 3
    )
