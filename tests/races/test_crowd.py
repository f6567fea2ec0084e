"""A crowd does everything at once, and Redis is lost in the middle: the count is exact."""

import pytest
from sqlalchemy import select

from app.inventory import reconciler
from app.inventory.models import StockMovement
from app.orders.models import Order
from tests.races import books
from tests.races.crowd import CROWD, FIRST_UNITS, SKUS, mingle
from tests.races.length import is_long
from tests.races.placing import buyers

LONGEST_MS = 1_800_000


@pytest.fixture
def customers(shop):
    for sku in SKUS:
        shop.product(sku.lower(), FIRST_UNITS)
    return list(enumerate(buyers(CROWD)))


def repair(session, redis):
    """Let the reconciler end what was left by those who died."""
    for sku, names in suspicions(session, redis).items():
        reconciler.repair(redis, sku, names, longest_ms=LONGEST_MS)


def suspicions(session, redis):
    return reconciler.suspicions(session, redis, SKUS, longest_ms=LONGEST_MS)


def check(session, redis, answers):
    """Count again: what came, what went, what is there, and what everybody was told."""
    shelves = books.look(session, redis, SKUS)
    for shelf in shelves.values():
        books.check_ledger(shelf)
        books.check_promises(shelf)
        books.check_holdings(shelf)
        books.check_counts(shelf, {})
        if shelf.is_known:
            held = shelf.live()
            assert (int(shelf.stock["on_hand"]), shelf.committed) == (shelf.on_hand, {})
            assert shelf.available() == shelf.on_hand - sum(map(books.units_of, held))
            # What was reserved by those who could not write it down goes back by its deadline.
            written = {str(row.order_id) for row in shelf.rows}
            unwritten = {member for member in held if member.partition(":")[0] not in written}
            assert held.keys() - unwritten == {row.member for row in shelf.promised()}
    confirmed = {claim.id: claim.units for answer in answers for claim in answer["confirmed"]}
    orders = session.scalars(select(Order.id).where(Order.status == "confirmed")).all()
    assert sorted(orders) == sorted(confirmed)
    sold = {
        (order_id, sku): -n for order_id, lines in confirmed.items() for sku, n in lines.items()
    }
    assert sales(session) == sold
    assert suspicions(session, redis) == {}


def sales(session):
    rows = session.execute(
        select(StockMovement.order_id, StockMovement.reference, StockMovement.units).where(
            StockMovement.kind == "sale"
        )
    )
    return {(order_id, ref.rpartition(":")[2]): units for order_id, ref, units in rows}


def race(crowd, customers, *, without=None, deeds=0, seconds=0):
    return crowd(mingle, *customers, deeds=deeds, seconds=seconds, without=without)


def test_whatever_a_crowd_does_at_once_every_unit_is_accounted_for(
    session, redis, crowd, customers
):
    length = {"seconds": 60} if is_long() else {"deeds": 15}
    answers = race(crowd, customers, **length)

    repair(session, redis)
    check(session, redis, answers)
    assert [answer["deadlocks"] for answer in answers] == [0] * CROWD


def test_the_same_crowd_is_promised_too_much_where_promises_stand_on_no_epoch(
    session, redis, crowd, customers
):
    answers = race(crowd, customers, without="epoch")

    repair(session, redis)
    with pytest.raises(AssertionError, match="RING: more is promised than there is"):
        check(session, redis, answers)


@pytest.mark.usefixtures("unconstrained")
def test_the_same_crowd_buys_too_much_where_deductions_stand_on_no_condition(
    session, redis, crowd, customers
):
    answers = race(crowd, customers, without="condition")

    assert books.look(session, redis, SKUS)["CHAIN"].on_hand == -FIRST_UNITS
    with pytest.raises(AssertionError):
        check(session, redis, answers)
