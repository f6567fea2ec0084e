"""A process is killed while staff take units off the shelf."""

import pytest
from sqlalchemy import select

from app.core.redis_client import redis as stock_redis
from app.inventory import adjustments
from app.inventory.adjustments import Change
from app.inventory.models import StockMovement
from tests.builders import values
from tests.crashes.aftermath import check, reconcile
from tests.crashes.child import adjust, dies

CHANGES = [Change("CHAIN", "adjustment", 3, "counted"), Change("RING", "write_off", -2, "broken")]
UNBOOKED = pytest.mark.parametrize(
    "point", ["adjustment: after Redis committed", "adjustment: before Postgres commits"]
)
BOOKED = "adjustment: before Redis settles"


@pytest.fixture(autouse=True)
def shelves(shop):
    shop.product("chain", 1)
    shop.product("ring", 3)


def movements(session):
    columns = StockMovement.kind, StockMovement.units, StockMovement.balance
    query = select(*columns).where(StockMovement.reference.startswith("adjustment:"))
    return values(session.execute(query.order_by(StockMovement.id)))


def again():
    return adjustments.adjust(stock_redis(), CHANGES, reference="count", actor="staff")


def available(session):
    return [check(session, name).available() for name in ("chain", "ring")]


@UNBOOKED
def test_what_was_not_booked_is_out_of_sale_until_it_is_found(shop, session, point):
    shop.levels("chain")
    dies(point, adjust, CHANGES, "count")

    assert (movements(session), available(session)) == ([], [1, 1])
    assert reconcile(shop, session) == ["committed"]
    assert (movements(session), available(session)) == ([], [1, 3])
    assert again()
    assert movements(session) == [("adjustment", 3, 4), ("write_off", -2, 1)]
    assert available(session) == [4, 1]
    assert reconcile(shop, session) == ["committed"]


def test_what_was_booked_is_shown_and_booked_once(shop, session):
    shop.levels("chain")
    dies(BOOKED, adjust, CHANGES, "count")

    assert movements(session) == [("adjustment", 3, 4), ("write_off", -2, 1)]
    assert available(session) == [1, 1]
    assert not again()
    assert len(reconcile(shop, session)) == 3
    assert available(session) == [4, 1]
    assert movements(session) == [("adjustment", 3, 4), ("write_off", -2, 1)]
