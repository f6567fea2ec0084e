"""Orders that are not paid in time are closed; their units are back at the deadline itself."""

from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select, text

from app.checkout.expire import expire_order
from app.core import db
from app.orders.models import Order, OrderTransition
from tests.api.snapshot import everything
from tests.builders import values
from tests.checkout.steps import basket, let_time_run_out, reservations, send
from workers.expiry import expire_orders


@pytest.fixture
def buyer(shop):
    shop.product("ring", 9)
    return shop.customer()


@pytest.fixture
def order(buyer):
    return send(buyer, basket(ring=2)).json


def statuses(session):
    return dict(session.execute(select(Order.id, Order.status)).all())


def expires_at(session, order):
    return session.scalars(select(Order.expires_at).where(Order.id == order["id"])).one()


def test_an_order_whose_time_is_up_is_closed(shop, buyer, order, session, redis):
    let_time_run_out(session, redis, order["id"], "ring")

    expired = expire_orders()

    assert expired == 1
    assert buyer.order(order["id"])["status"] == "expired"
    assert reservations(session) == [(2, "expired")]
    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (0, 9)
    columns = (
        OrderTransition.from_status,
        OrderTransition.to_status,
        OrderTransition.actor,
        OrderTransition.reason,
    )
    assert values(session.execute(select(*columns))) == [
        ("pending", "expired", "clock", "not paid in time")
    ]


def test_the_units_are_back_at_the_deadline_whoever_closes_the_order_and_when(
    shop, order, session, redis
):
    let_time_run_out(session, redis, order["id"], "ring")

    assert send(shop.customer(), basket(ring=9)).status_code == 201
    assert expire_orders() == 1

    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (9, 0)


def test_an_order_whose_time_is_not_up_is_left(order, session, redis):
    before = everything(session, redis)

    assert expire_orders() == 0

    assert everything(session, redis) == before


def test_an_order_is_closed_at_its_very_deadline_and_not_before(order, session):
    deadline = expires_at(session, order)

    too_early = expire_order(order["id"], now=deadline - timedelta(milliseconds=1))
    in_time = expire_order(order["id"], now=deadline)
    again = expire_order(order["id"], now=deadline)

    assert (too_early, in_time, again) == (False, True, False)


def test_closing_twice_changes_nothing(order, session, redis):
    let_time_run_out(session, redis, order["id"], "ring")
    expire_orders()
    before = everything(session, redis)

    assert expire_orders() == 0

    assert everything(session, redis) == before


def test_only_those_whose_time_is_up_are_closed(shop, buyer, session, redis):
    late, in_time = (send(buyer, basket(ring=1), key).json for key in ("a", "b"))
    cancelled = send(buyer, basket(ring=1), "c").json
    buyer.post(f"/api/v1/orders/{cancelled['id']}/cancel", {})
    for order in (late, cancelled):
        let_time_run_out(session, redis, order["id"], "ring")

    expired = expire_orders()

    told = {str(order_id): status for order_id, status in statuses(session).items()}
    assert expired == 1
    assert told == {late["id"]: "expired", in_time["id"]: "pending", cancelled["id"]: "cancelled"}
    assert shop.levels("ring").reserved == 1


def test_an_order_whose_payer_is_at_work_is_not_closed_at_its_first_deadline(
    shop, buyer, order, session
):
    first_deadline = expires_at(session, order)
    paid = shop.gateway.pay(buyer.open_payment(order["id"])["razorpay_order_id"])
    buyer.post("/api/v1/payments/verify", paid)

    is_closed = expire_order(order["id"], now=first_deadline + timedelta(seconds=1))

    assert is_closed is False
    assert statuses(session).popitem()[1] == "pending"
    assert shop.levels("ring").reserved == 2
    assert expire_order(order["id"], now=expires_at(session, order)) is True


def test_a_paid_order_is_not_closed(shop, buyer, order, session, redis):
    shop.capture(buyer.open_payment(order["id"]))
    shop.work()
    let_time_run_out(session, redis, order["id"], "ring")

    assert expire_orders() == 0

    assert buyer.order(order["id"])["status"] == "confirmed"
    assert shop.levels("ring").on_hand == 7


def test_an_order_that_somebody_is_at_is_left_to_the_next_run(buyer, session, redis, monkeypatch):
    """The row stays locked longer than a sweep waits; the others are closed all the same."""
    busy, free = (send(buyer, basket(ring=1), key).json for key in ("a", "b"))
    for order in (busy, free):
        let_time_run_out(session, redis, order["id"], "ring")
    impatient = create_engine(
        db.engine().url, connect_args={"options": "-c lock_timeout=100 -c timezone=UTC"}
    )

    with db.engine().connect() as other:
        other.execute(text("SELECT 1 FROM orders WHERE id = :id FOR UPDATE"), {"id": busy["id"]})
        monkeypatch.setattr(db, "_engine", impatient)
        first = expire_orders()
    second = expire_orders()
    impatient.dispose()

    assert (first, second) == (1, 1)
    assert set(statuses(session).values()) == {"expired"}


def test_many_orders_are_closed_in_one_run(buyer, session, redis):
    for number in range(9):
        order = send(buyer, basket(ring=1), str(number)).json
        let_time_run_out(session, redis, order["id"], "ring")

    assert expire_orders() == 9

    assert set(statuses(session).values()) == {"expired"}
