"""Orders whose time to pay is over are closed, and no other."""

from uuid import UUID

import pytest
from sqlalchemy import select

from app.core.problems import ServiceUnavailable
from app.inventory.models import Reservation
from tests.payments.balance import assert_balanced
from tests.payments.purchase import purchase, run_out
from workers import expiry


@pytest.fixture
def three(shop):
    shop.product("ring", 3)
    return [purchase(shop, ring=1) for _ in range(3)]


def test_only_what_has_run_out_is_closed(shop, session, three):
    ran_out, paid, open_still = three
    paid.tell("payment.captured", paid.pay())
    shop.work()
    for bought in (ran_out, paid):
        run_out(session, bought.order_id)

    assert (expiry.expire_orders(), expiry.expire_orders()) == (1, 0)

    assert [bought.status for bought in (ran_out, paid, open_still)] == [
        ("expired", "pending"),
        ("confirmed", "captured"),
        ("pending", "pending"),
    ]
    assert sorted(session.scalars(select(Reservation.state))) == [
        "committed",
        "expired",
        "pending",
    ]
    assert_balanced(session)


def test_a_run_that_takes_long_leaves_the_rest_to_the_next(session, three, monkeypatch):
    monkeypatch.setattr(expiry, "BUDGET_SECONDS", 0)
    for bought in three:
        run_out(session, bought.order_id)

    assert [expiry.expire_orders() for _ in range(4)] == [1, 1, 1, 0]


def test_an_order_that_was_extended_since_it_was_found_is_not_closed(
    shop, session, three, monkeypatch
):
    extended = three[0]
    found = [UUID(extended.order_id)]
    monkeypatch.setattr(expiry.orders, "due_to_expire", lambda *_, **__: found)

    assert expiry.expire_orders() == 0

    assert extended.status == ("pending", "pending")
    assert shop.levels("ring").reserved == 3
    assert_balanced(session)


def test_an_order_that_somebody_is_at_keeps_no_other_from_being_closed(session, three, monkeypatch):
    busy = three[0]
    for bought in three:
        run_out(session, bought.order_id)
    expire_order = expiry.expire_order

    def expire_unless_busy(order_id, **options):
        if str(order_id) == busy.order_id:
            raise ServiceUnavailable
        return expire_order(order_id, **options)

    monkeypatch.setattr(expiry, "expire_order", expire_unless_busy)
    assert expiry.expire_orders() == 2
    assert busy.status == ("pending", "pending")

    monkeypatch.undo()
    assert expiry.expire_orders() == 1
    assert {bought.status for bought in three} == {("expired", "pending")}
    assert_balanced(session)
