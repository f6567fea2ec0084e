"""A buyer gives a pending order up; a paid one is past that."""

import pytest
from sqlalchemy import select, update

from app.core import redis_client
from app.inventory import keys
from app.orders.models import Order, OrderTransition
from dev.ports import free_port
from tests.api.snapshot import everything
from tests.builders import values
from tests.checkout.steps import at_once, basket, let_time_run_out, reservations, send, told
from workers.expiry import expire_orders


@pytest.fixture
def buyer(shop):
    shop.product("ring", 5)
    return shop.customer()


@pytest.fixture
def order(buyer):
    return send(buyer, basket(ring=2)).json


def cancel(buyer, order, body=None):
    return buyer.post(f"/api/v1/orders/{order['id']}/cancel", body or {})


def transitions(session):
    columns = OrderTransition.from_status, OrderTransition.to_status, OrderTransition.reason
    return values(session.execute(select(*columns).order_by(OrderTransition.id)))


def test_a_cancelled_order_gives_its_units_back(shop, buyer, order, session, redis):
    response = cancel(buyer, order, {"reason": "Found another one."})

    assert (response.status_code, response.json) == (200, order | {"status": "cancelled"})
    assert buyer.order(order["id"]) == response.json
    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (0, 5)
    assert redis.exists(keys.reservation(order["id"]), keys.reservations("RING")) == 0
    assert reservations(session) == [(2, "released")]
    assert transitions(session) == [("pending", "cancelled", "Found another one.")]


def test_an_order_is_cancelled_without_a_reason_and_without_a_body(buyer, order, session):
    response = buyer.client.post(f"/api/v1/orders/{order['id']}/cancel", headers=buyer.headers)

    assert (response.status_code, response.json["status"]) == (200, "cancelled")
    assert transitions(session) == [("pending", "cancelled", None)]


def test_cancelling_twice_is_cancelling(buyer, order, session, redis):
    first = cancel(buyer, order, {"reason": "the first"})
    before = everything(session, redis)

    second = cancel(buyer, order, {"reason": "the second"})

    assert (second.status_code, second.json) == (200, first.json)
    assert everything(session, redis) == before


def test_cancelling_at_once_is_cancelling_once(shop, buyer, order, session):
    answers = at_once([lambda: cancel(buyer, order)] * 4)

    assert [r.status_code for r in answers] == [200] * 4
    assert transitions(session) == [("pending", "cancelled", None)]
    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (0, 5)


def test_another_customers_order_is_not_there_to_cancel(shop, order, session, redis):
    before = everything(session, redis)
    stranger = shop.customer()
    before["rows"] = everything(session, redis)["rows"]

    response = cancel(stranger, order)

    assert (response.status_code, response.json["code"]) == (404, "order_not_found")
    assert everything(session, redis) == before


@pytest.mark.parametrize("status", ["shipped", "delivered", "return_requested", "returned"])
def test_an_order_that_left_the_house_is_not_given_up_here(buyer, order, session, redis, status):
    session.execute(update(Order).values(status=status, payment_status="captured"))
    before = everything(session, redis)

    response = cancel(buyer, order)

    assert (response.status_code, told(response)) == (
        409,
        {
            "type": "/problems/order-not-cancellable",
            "title": "The order's status does not allow to cancel it.",
            "status": 409,
            "code": "order_not_cancellable",
            "detail": f"The order is {status}.",
            "order_status": status,
        },
    )
    assert everything(session, redis) == before


def test_an_expired_order_is_over_already(buyer, order, session, redis):
    let_time_run_out(session, redis, order["id"], "ring")
    expire_orders()

    response = cancel(buyer, order)

    assert (response.status_code, response.json["order_status"]) == (409, "expired")


def test_an_order_whose_time_is_up_and_that_nobody_closed_yet_is_cancelled(
    shop, buyer, order, session, redis
):
    let_time_run_out(session, redis, order["id"], "ring")
    rival = send(shop.customer(), basket(ring=5))

    response = cancel(buyer, order)

    assert (rival.status_code, response.json["status"]) == (201, "cancelled")
    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (5, 0)


def test_cancelling_while_redis_is_down_leaves_the_units_to_their_deadline(
    shop, buyer, order, session, redis, monkeypatch
):
    with monkeypatch.context() as patch:
        nowhere = redis_client.make_client(f"redis://127.0.0.1:{free_port()}/0")
        patch.setattr(redis_client, "_redis", nowhere)

        response = cancel(buyer, order)

    assert (response.status_code, response.json["status"]) == (200, "cancelled")
    assert reservations(session) == [(2, "released")]
    assert shop.levels("ring").reserved == 2

    let_time_run_out(session, redis, order["id"], "ring")

    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (0, 5)
