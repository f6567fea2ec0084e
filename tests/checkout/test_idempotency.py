"""A checkout that is sent again is answered as the first one was, and ordered once."""

import pytest
from sqlalchemy import func, select

from app.checkout import keys
from app.orders.models import Order
from tests.api.snapshot import everything
from tests.builders import ADDRESS
from tests.checkout.steps import (
    basket,
    claim,
    let_time_run_out,
    order_id_of,
    reservations,
    send,
    told,
)

OTHER_BODIES = {
    "more units": basket(ring=2),
    "fewer products": basket(chain=1),
    "another address": basket(ring=1) | {"shipping_address": ADDRESS | {"city": "Madurai"}},
    "notes": basket(ring=1) | {"notes": "twice"},
    "an expected total": basket(ring=1)
    | {"expected_total": {"amount": 103_000, "currency": "INR"}},
}
REUSED = {
    "type": "/problems/idempotency-key-reused",
    "title": "This Idempotency-Key was used with another body.",
    "status": 422,
    "code": "idempotency_key_reused",
}


@pytest.fixture
def buyer(shop):
    for name in ("ring", "chain"):
        shop.product(name, 5)
    return shop.customer()


def orders(session):
    return session.scalar(select(func.count(Order.id)))


def is_replay(response):
    return response.headers.get("Idempotency-Replayed") == "true"


def test_a_checkout_without_a_key_is_refused(shop, buyer, session):
    response = buyer.post("/api/v1/checkout", basket(ring=1))

    assert (response.status_code, told(response)) == (
        400,
        {
            "type": "/problems/idempotency-key-missing",
            "title": "A checkout needs the header Idempotency-Key, so that it can be repeated "
            "safely.",
            "status": 400,
            "code": "idempotency_key_missing",
        },
    )
    assert orders(session) == 0


@pytest.mark.parametrize("key", ["", " ", "   "])
def test_an_empty_key_is_none(buyer, key):
    response = send(buyer, basket(ring=1), key)

    assert (response.status_code, response.json["code"]) == (400, "idempotency_key_missing")


@pytest.mark.parametrize("key", ["k", "~!@ #$%^&*()", "k" * 255])
def test_a_key_of_visible_ascii_is_taken(buyer, key):
    first, second = (send(buyer, basket(ring=1), key) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert [is_replay(first), is_replay(second)] == [False, True]


@pytest.mark.parametrize("forgetting", ["nothing", "the request", "everything"])
def test_the_same_request_gets_the_same_order(shop, buyer, session, redis, settings, forgetting):
    first = send(buyer, basket(ring=2))
    if forgetting == "the request":
        redis.delete(keys.request(order_id_of(settings, buyer)))
    if forgetting == "everything":
        redis.flushall()

    again = [send(buyer, basket(ring=2)) for _ in range(3)]

    assert [(r.status_code, r.json, is_replay(r)) for r in again] == [(201, first.json, True)] * 3
    assert not is_replay(first)
    assert orders(session) == 1
    assert reservations(session) == [(2, "pending")]
    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (2, 3)


def test_the_order_of_the_bodys_members_makes_no_other_request(buyer):
    body = basket(ring=1)
    first = send(buyer, body)

    second = send(buyer, dict(reversed(body.items())))

    assert (second.json, is_replay(second)) == (first.json, True)


@pytest.mark.parametrize("name", OTHER_BODIES)
@pytest.mark.parametrize("is_forgotten", [False, True], ids=["remembered", "redis lost"])
def test_another_body_under_the_same_key_is_refused_and_holds_nothing(
    shop, buyer, session, redis, name, is_forgotten
):
    first = send(buyer, basket(ring=1)).json
    if is_forgotten:
        redis.flushall()

    other = send(buyer, OTHER_BODIES[name])

    assert (other.status_code, told(other)) == (422, REUSED)
    assert orders(session) == 1
    assert reservations(session) == [(1, "pending")]
    assert [shop.levels(n).reserved for n in ("ring", "chain")] == [1, 0]
    assert send(buyer, basket(ring=1)).json == first


def test_the_same_key_of_another_customer_is_another_order(shop, buyer, session):
    stranger = shop.customer()

    first, second = send(buyer, basket(ring=1)), send(stranger, basket(ring=1))

    assert (first.status_code, second.status_code) == (201, 201)
    assert not is_replay(second)
    assert first.json["id"] != second.json["id"]
    assert shop.levels("ring").reserved == 2


def test_another_key_is_another_order(shop, buyer, session):
    first, second = (send(buyer, basket(ring=1), key) for key in ("k", "l"))

    assert first.json["id"] != second.json["id"]
    assert (orders(session), shop.levels("ring").reserved) == (2, 2)


def test_a_request_whose_twin_is_being_answered_is_asked_to_come_back(
    shop, buyer, session, redis, settings
):
    claim(redis, order_id_of(settings, buyer), basket(ring=1))
    before = everything(session, redis)

    response = send(buyer, basket(ring=1))

    assert (response.status_code, told(response)) == (
        409,
        {
            "type": "/problems/request-in-flight",
            "title": "A request with this Idempotency-Key is being answered at this moment.",
            "status": 409,
            "code": "request_in_flight",
        },
    )
    assert 1 <= int(response.headers["Retry-After"]) <= 15
    assert everything(session, redis) == before


def test_another_body_is_refused_also_while_the_first_is_being_answered(
    buyer, session, redis, settings
):
    claim(redis, order_id_of(settings, buyer), basket(ring=1))

    response = send(buyer, basket(ring=2))

    assert (response.status_code, told(response)) == (422, REUSED)


def _sold_out(shop, buyer):
    rival = shop.customer()
    taken = send(rival, basket(ring=5)).json["id"]
    refused = send(buyer, basket(ring=1))
    rival.post(f"/api/v1/orders/{taken}/cancel", {})
    return refused, basket(ring=1)


def _price_changed(shop, buyer):
    total = {"amount": 1, "currency": "INR"}
    refused = send(buyer, basket(ring=1) | {"expected_total": total})
    return refused, basket(ring=1) | {"expected_total": refused.json["total"]}


def _unknown_sku(shop, buyer):
    refused = send(buyer, basket(stud=1))
    shop.product("stud", 1)
    return refused, basket(stud=1)


def _no_address(shop, buyer):
    refused = send(buyer, basket(ring=1) | {"shipping_address": None})
    return refused, basket(ring=1)


@pytest.mark.parametrize("refuse", [_sold_out, _price_changed, _unknown_sku, _no_address])
def test_a_refused_checkout_is_tried_again_with_the_same_key_at_once(
    shop, buyer, session, redis, settings, refuse
):
    refused, body = refuse(shop, buyer)
    assert refused.status_code in (409, 422)
    assert redis.exists(keys.request(order_id_of(settings, buyer))) == 0

    again = send(buyer, body)

    assert (again.status_code, is_replay(again)) == (201, False)
    assert again.json["id"] == str(order_id_of(settings, buyer))


@pytest.mark.parametrize("is_forgotten", [False, True], ids=["remembered", "redis lost"])
@pytest.mark.parametrize("ending", ["cancelled", "expired"])
def test_a_request_repeated_after_the_orders_end_orders_and_holds_nothing_new(
    shop, buyer, session, redis, ending, is_forgotten
):
    first = send(buyer, basket(ring=1)).json
    if ending == "cancelled":
        buyer.post(f"/api/v1/orders/{first['id']}/cancel", {})
    else:
        let_time_run_out(session, redis, first["id"], "ring")
    if is_forgotten:
        redis.flushall()

    again = send(buyer, basket(ring=1))

    assert (again.status_code, again.json, is_replay(again)) == (201, first, True)
    assert orders(session) == 1
    assert shop.levels("ring").available == 5


def test_a_request_repeated_after_the_payment_orders_and_holds_nothing_new(shop, buyer, session):
    first = send(buyer, basket(ring=1)).json
    shop.capture(buyer.open_payment(first["id"]))
    shop.work()

    again = send(buyer, basket(ring=1))

    assert (again.status_code, again.json, is_replay(again)) == (201, first, True)
    levels = shop.levels("ring")
    assert (levels.on_hand, levels.reserved, levels.committed) == (4, 0, 0)
