"""How an order and its payment stand, and how long there is left to pay."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, update

from app.core import db, redis_client
from app.inventory import keys
from app.orders.models import Order
from dev.ports import free_port
from tests.checkout.steps import basket, let_time_run_out, send
from workers.expiry import expire_orders


@pytest.fixture
def buyer(shop):
    shop.product("ring", 5)
    return shop.customer()


@pytest.fixture
def order(buyer):
    return send(buyer, basket(ring=1)).json


def status(buyer, order):
    response = buyer.get(f"/api/v1/orders/{order['id']}/payment-status")
    assert response.status_code == 200
    return response.json


def without_seconds(told):
    return {k: v for k, v in told.items() if k != "seconds_left"}


def set_expires_at(session, **delta):
    session.execute(update(Order).values(expires_at=datetime.now(UTC) + timedelta(**delta)))


def test_a_new_order_waits_for_its_payment(buyer, order, redis):
    left_before = redis.pttl(keys.reservation(order["id"]))

    told = status(buyer, order)

    left_after = redis.pttl(keys.reservation(order["id"]))
    assert without_seconds(told) == {
        "order_status": "pending",
        "payment_status": "pending",
        "expires_at": order["expires_at"],
    }
    assert left_after // 1000 <= told["seconds_left"] <= left_before // 1000 <= 900


def test_the_time_left_is_that_of_the_reservation_itself(buyer, order, redis):
    redis.pexpire(keys.reservation(order["id"]), 5_000_000)

    assert 900 < status(buyer, order)["seconds_left"] <= 5_000


def test_where_redis_forgot_the_reservation_the_orders_own_time_counts(
    buyer, order, session, redis
):
    set_expires_at(session, hours=10)
    redis.flushall()

    assert 9 * 3600 < status(buyer, order)["seconds_left"] <= 10 * 3600


def test_where_redis_is_down_the_orders_own_time_counts(buyer, order, session, monkeypatch):
    set_expires_at(session, hours=10)
    nowhere = redis_client.make_client(f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setattr(redis_client, "_redis", nowhere)

    assert 9 * 3600 < status(buyer, order)["seconds_left"] <= 10 * 3600


@pytest.mark.parametrize("is_closed", [False, True], ids=["not closed yet", "closed"])
def test_nothing_is_left_when_the_time_is_up(buyer, order, session, redis, is_closed):
    let_time_run_out(session, redis, order["id"], "ring")
    if is_closed:
        expire_orders()

    told = status(buyer, order)

    assert told == {
        "order_status": "expired" if is_closed else "pending",
        "payment_status": "pending",
        "expires_at": "2026-01-01T00:00:00.000Z",
        "seconds_left": 0,
    }


def test_nothing_is_left_of_a_cancelled_order(buyer, order):
    buyer.post(f"/api/v1/orders/{order['id']}/cancel", {})

    assert status(buyer, order) == {
        "order_status": "cancelled",
        "payment_status": "pending",
        "expires_at": order["expires_at"],
        "seconds_left": 0,
    }


def test_nothing_is_left_to_pay_of_a_paid_order(shop, buyer, order):
    shop.capture(buyer.open_payment(order["id"]))
    shop.work()

    told = status(buyer, order)

    assert (told["order_status"], told["payment_status"], told["seconds_left"]) == (
        "confirmed",
        "captured",
        0,
    )


def test_polling_costs_a_row_and_a_look_and_changes_nothing(buyer, order):
    """Cheap to poll: it asks for the order and its lines, and never writes."""
    asked = []

    def on_statement(_connection, _cursor, statement, *_):
        asked.append(statement.split()[0])

    event.listen(db.engine(), "before_cursor_execute", on_statement)
    try:
        status(buyer, order)
    finally:
        event.remove(db.engine(), "before_cursor_execute", on_statement)

    assert set(asked) == {"SELECT"}
    assert len(asked) <= 2
