"""Whatever happens to stock in whatever order, on real servers: neither of them ever lies."""

from functools import partial
from uuid import uuid4

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from app.inventory import counters
from tests.races import books, deals
from tests.races.length import is_long
from tests.races.machine import WholeStock
from tests.races.placing import buyers

# So few that buyers meet at one.
COUNTERS = 2
BRIEF = settings(max_examples=40, stateful_step_count=40, derandomize=True, database=None)
LONG = settings(max_examples=1800, stateful_step_count=60, print_blob=True)


def test_no_promise_is_broken_whatever_happens_in_whatever_order(shop, redis, session):
    run_state_machine_as_test(
        partial(WholeStock, redis, session, shop, buyers(2)),
        settings=settings(
            LONG if is_long() else BRIEF, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_nor_is_one_broken_of_products_that_are_split(shop, redis, session, monkeypatch):
    """Shared out anew at every turn, so that one counter is short while others are not."""
    monkeypatch.setattr(counters, "FEW", 1)
    run_state_machine_as_test(
        partial(WholeStock, redis, session, shop, buyers_apart(COUNTERS), most=COUNTERS),
        settings=settings(
            LONG if is_long() else BRIEF, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def buyers_apart(count):
    """Register two customers whose units are of the first two counters."""
    number = {counters.number_of(uuid4(), buyer, count): buyer for buyer in buyers(10 * count)}
    return [number[0], number[1]]


def test_a_checkout_that_comes_again_moves_no_deadline_in(shop, redis, session):
    """The machine found this one: the payer was promised the units until the later deadline."""
    shop.product("ring", 1)
    deal = deals.of(uuid4(), buyers(1)[0], {"RING": 1})
    assert deal.reserve(redis)
    assert deal.remember(crashes=False)
    deal.extend(crashes=False)

    assert deal.reserve(redis)

    books.check_holdings(books.look(session, redis, ["RING"])["RING"])
