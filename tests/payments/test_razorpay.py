"""Razorpay's API over real HTTP, with everything that can be wrong about it."""

from dataclasses import replace
from uuid import uuid4

import pytest
import requests
import stamina

from app.payments import calls, razorpay
from app.payments.errors import GatewayRefused, GatewayUnavailable
from app.payments.gateway import gateway as gateway_named
from app.payments.razorpay import Razorpay
from app.payments.terms import AttemptNews, RefundNews
from tests.payments.purchase import purchase
from tests.payments.wire import wire_to

KEY_PAIR = {"key_id": "rzp_test_ora_development", "key_secret": "ora_development_key_secret"}


@pytest.fixture(autouse=True)
def _at_once():
    """Ask again without a pause."""
    with stamina.set_testing(True, attempts=calls.TRIES):
        yield


@pytest.fixture
def api(app):
    return gateway_named("razorpay")


@pytest.fixture
def wire(app, gateway):
    with wire_to(gateway.url) as wire:
        yield wire


@pytest.fixture
def by_wire(wire):
    """The client at the far end of a wire."""
    client = Razorpay(**KEY_PAIR, base_url=wire.url)
    yield client
    client.close()


def receipt():
    return str(uuid4())


def in_the_books(gateway, kind, **wanted):
    """Every order or refund of the gateway's books with these values."""
    return [
        entity
        for entity in gateway.books()[kind]
        if all(entity[name] == value for name, value in wanted.items())
    ]


def paid(gateway, api, outcome="captured", amount=50_000):
    """A payment at the gateway; returns its id."""
    order = api.open(receipt=receipt(), amount=amount, currency="INR")
    return gateway.pay(order, outcome)["razorpay_payment_id"]


def test_an_order_is_asked_for_in_whole_paise_and_found_by_its_receipt(gateway, api):
    ours = receipt()

    order_id = api.open(receipt=ours, amount=1_999, currency="INR")

    [order] = in_the_books(gateway, "orders", receipt=ours)
    told = {name: order[name] for name in ("id", "amount", "currency", "receipt")}
    assert told == {"id": order_id, "amount": 1_999, "currency": "INR", "receipt": ours}
    assert api.open(receipt=ours, amount=1_999, currency="INR") == order_id
    assert api.open(receipt=receipt(), amount=1_999, currency="INR") != order_id
    assert in_the_books(gateway, "orders", receipt=ours) == [order]


def test_razorpay_captures_whatever_is_authorised_within_its_longest_time(by_wire, wire):
    ours = receipt()

    by_wire.open(receipt=ours, amount=1_999, currency="INR")

    assert wire.paths() == ["GET /v1/orders", "POST /v1/orders"]
    assert wire.heard[1].body == {
        "amount": 1_999,
        "currency": "INR",
        "receipt": ours,
        "payment": {
            "capture": "automatic",
            "capture_options": {
                "automatic_expiry_period": 7_200,
                "manual_expiry_period": 7_200,
                "refund_speed": "normal",
            },
        },
    }


def test_an_order_whose_answer_was_lost_is_found_by_its_receipt(gateway, api):
    ours = receipt()
    gateway.fault(route="orders.create", reset_after=True, next_n=1)

    order_id = api.open(receipt=ours, amount=1_999, currency="INR")

    assert [order["id"] for order in in_the_books(gateway, "orders", receipt=ours)] == [order_id]


def test_an_order_that_was_given_up_is_found_when_it_is_asked_for_again(gateway, api):
    ours = receipt()
    gateway.fault(route="orders.create", reset_after=True)
    with stamina.set_testing(True, attempts=1), pytest.raises(GatewayUnavailable):
        api.open(receipt=ours, amount=1_999, currency="INR")

    order_id = api.open(receipt=ours, amount=1_999, currency="INR")

    assert [order["id"] for order in in_the_books(gateway, "orders", receipt=ours)] == [order_id]


def test_another_amount_than_ours_is_not_our_order(gateway, api):
    ours = receipt()
    other = api.open(receipt=ours, amount=2_000, currency="INR")

    order_id = api.open(receipt=ours, amount=1_999, currency="INR")

    assert order_id != other
    assert len(in_the_books(gateway, "orders", receipt=ours)) == 2


def test_an_account_that_takes_a_receipt_once_names_the_order_that_has_it(gateway, api):
    ours = receipt()
    order_id = api.open(receipt=ours, amount=1_999, currency="INR")
    gateway.fault(route="orders.create", unique_receipts=True)
    # Razorpay's lists lag, so that the order cannot be found by them.
    gateway.fault(route="orders.all", stale_seconds=600)

    assert api.open(receipt=ours, amount=1_999, currency="INR") == order_id
    assert len(in_the_books(gateway, "orders", receipt=ours)) == 1


def test_a_gateway_that_is_not_there_is_unavailable(app):
    nowhere = Razorpay(**KEY_PAIR, base_url="http://127.0.0.1:9")

    with pytest.raises(GatewayUnavailable) as unavailable:
        nowhere.open(receipt=receipt(), amount=1_999, currency="INR")

    assert (unavailable.value.status, unavailable.value.retry_after) == (503, 5)
    nowhere.close()


FAULTS = pytest.mark.parametrize("fault", ["html_502", "json_500", "reset_after"])
ASKS = {
    "open": lambda api, _: api.open(receipt=receipt(), amount=1_999, currency="INR"),
    "attempts": lambda api, paid: api.attempts(api.attempt(paid).gateway_order_id),
    "attempt": lambda api, paid: api.attempt(paid),
    "refund": lambda api, paid: api.refund(paid, amount=100, speed="normal", key=receipt()),
    "refunds": lambda api, paid: api.refunds(paid),
}


@FAULTS
@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_a_fault_that_passes_is_waited_out(gateway, api, fault, ask):
    payment_id = paid(gateway, api)
    gateway.fault(**{fault: True}, next_n=2)

    assert ask(api, payment_id) is not None
    assert requests.get(f"{gateway.url}/sandbox/faults", timeout=10).json()["faults"] == {}


@FAULTS
@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_a_fault_that_stays_is_told_as_unavailable(gateway, api, fault, ask):
    payment_id = paid(gateway, api)
    gateway.fault(**{fault: True})

    with pytest.raises(GatewayUnavailable) as unavailable:
        ask(api, payment_id)

    assert unavailable.value.body() == {
        "type": "/problems/gateway-unavailable",
        "title": GatewayUnavailable.title(),
        "status": 503,
        "code": "gateway_unavailable",
    }


def test_who_asks_for_patience_is_not_asked_again_at_once(gateway, by_wire, wire):
    gateway.fault(too_many_requests=True, next_n=1)

    with pytest.raises(GatewayUnavailable) as unavailable:
        by_wire.open(receipt=receipt(), amount=1_999, currency="INR")

    assert unavailable.value.__cause__.status == 429
    assert wire.paths() == ["GET /v1/orders"]


def test_a_fault_is_asked_about_three_times_and_no_more(gateway, by_wire, wire):
    gateway.fault(json_500=True)

    with pytest.raises(GatewayUnavailable):
        by_wire.attempt("pay_29QQoUBi66xm2f")

    assert wire.paths() == ["GET /v1/payments/pay_29QQoUBi66xm2f"] * 3


def test_a_gateway_that_failed_five_times_is_left_alone_for_a_while(gateway, by_wire, wire):
    gateway.fault(json_500=True)
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            by_wire.attempt("pay_29QQoUBi66xm2f")
    gateway.clear()

    with pytest.raises(GatewayUnavailable) as unavailable:
        by_wire.attempt("pay_29QQoUBi66xm2f")

    assert (len(wire.heard), unavailable.value.retry_after in range(1, 11)) == (5, True)


def test_a_gateway_that_says_no_is_not_left_alone(by_wire, wire):
    assert [by_wire.attempt("pay_29QQoUBi66xm2f") for _ in range(6)] == [None] * 6
    assert len(wire.heard) == 6


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param((200, "text/html", b"<html>busy</html>"), id="a page of HTML"),
        pytest.param((200, "application/json", b"[]"), id="a list"),
        pytest.param((200, "application/json", b'"ok"'), id="a text"),
        pytest.param((204, "application/json", b""), id="nothing"),
        pytest.param((503, "text/html", b"<html>down</html>"), id="an error in HTML"),
        pytest.param((500, "application/json", b"[1]"), id="an error that is a list"),
    ],
)
def test_an_answer_that_cannot_be_read_is_none(wire, by_wire, answer):
    wire.answer = lambda _: answer

    with pytest.raises(GatewayUnavailable):
        by_wire.attempts("order_9A33XWu170gUtm")


def test_a_refusal_keeps_what_razorpay_said_and_tells_its_callers_nothing_of_it(api):
    with pytest.raises(GatewayRefused) as refused:
        api.open(receipt=receipt(), amount=99, currency="INR")

    assert refused.value.error == {
        "code": "BAD_REQUEST_ERROR",
        "description": "Order amount less than minimum amount allowed",
        "reason": "amount_less_than_minimum_amount",
        "field": "amount",
        "metadata": {},
    }
    assert str(refused.value) == (
        f"{GatewayRefused.title()} (code: BAD_REQUEST_ERROR; description: Order amount less than "
        "minimum amount allowed; reason: amount_less_than_minimum_amount; field: amount)"
    )
    assert refused.value.body() == {
        "type": "/problems/gateway-refused",
        "title": GatewayRefused.title(),
        "status": 502,
        "code": "gateway_refused",
    }


def test_a_buyer_is_not_told_that_our_keys_are_wrong(shop, api, monkeypatch):
    shop.product("ring", 1)
    buyer = shop.customer()
    order_id = buyer.check_out(ring=1).json["id"]
    monkeypatch.setattr(api._client, "auth", ("rzp_test_nobody", "no secret"))

    refused = buyer.post(f"/api/v1/orders/{order_id}/payments")

    told = {name: value for name, value in refused.json.items() if name != "request_id"}
    assert (refused.status_code, told) == (502, GatewayRefused().body())


def test_a_wrong_key_pair_is_a_refusal_and_not_an_outage(app, gateway):
    stranger = Razorpay(key_id="rzp_test_nobody", key_secret="no secret", base_url=gateway.url)

    with pytest.raises(GatewayRefused, match="description: Authentication failed"):
        stranger.open(receipt=receipt(), amount=1_999, currency="INR")

    stranger.close()


def test_a_refund_is_asked_for_with_its_amount_and_speed_and_named_by_its_key(
    gateway, by_wire, wire
):
    payment_id, key = paid(gateway, by_wire), receipt()

    told = by_wire.refund(payment_id, amount=20_000, speed="normal", key=key)

    asked = wire.heard[-1]
    assert asked.body == {"amount": 20_000, "speed": "normal", "receipt": key}
    assert asked.headers["X-Refund-Idempotency"] == key
    [booked] = in_the_books(gateway, "refunds", payment_id=payment_id)
    assert replace(told, created_at=None) == RefundNews(
        gateway_refund_id=booked["id"],
        gateway_payment_id=payment_id,
        status="processed",
        amount=20_000,
        currency="INR",
        receipt=key,
        speed="normal",
    )
    assert told.created_at.timestamp() == booked["created_at"]


def test_a_refund_at_once_is_asked_for_as_such(gateway, by_wire, wire):
    payment_id, key = paid(gateway, by_wire), receipt()

    told = by_wire.refund(payment_id, amount=20_000, speed="optimum", key=key)

    assert wire.heard[-1].body == {"amount": 20_000, "speed": "optimum", "receipt": key}
    assert told.speed == "instant"


def test_the_same_key_refunds_once(gateway, api):
    payment_id, key = paid(gateway, api), receipt()

    first = api.refund(payment_id, amount=20_000, speed="normal", key=key)
    again = api.refund(payment_id, amount=20_000, speed="normal", key=key)

    assert again == first
    assert api.refunds(payment_id) == [first]


def test_a_refund_whose_answer_was_lost_is_the_same_refund_when_asked_again(gateway, api):
    payment_id, key = paid(gateway, api), receipt()
    gateway.fault(route="refunds.create", reset_after=True, next_n=2)

    told = api.refund(payment_id, amount=20_000, speed="normal", key=key)

    assert api.refunds(payment_id) == [told]


def test_a_refund_whose_first_request_still_runs_is_to_be_asked_for_later(
    gateway, api, monkeypatch
):
    payment_id, key = paid(gateway, api), receipt()
    gateway.fault(route="refunds.create", reset_after=True, hang_ms=3_000, next_n=1)
    monkeypatch.setattr(razorpay, "TIMEOUT_SECONDS", (5, 1))

    with pytest.raises(GatewayUnavailable) as unavailable:
        api.refund(payment_id, amount=20_000, speed="normal", key=key)

    assert unavailable.value.__cause__.status == 409


def test_more_than_was_captured_is_never_refunded(gateway, api):
    payment_id = paid(gateway, api, amount=50_000)
    api.refund(payment_id, amount=30_000, speed="normal", key=receipt())

    with pytest.raises(GatewayRefused, match="greater than amount captured"):
        api.refund(payment_id, amount=30_000, speed="normal", key=receipt())

    assert gateway.payment(payment_id)["amount_refunded"] == 30_000


def test_a_try_is_told_as_it_stands(gateway, api):
    payment_id = paid(gateway, api)
    api.refund(payment_id, amount=20_000, speed="normal", key=receipt())
    booked = gateway.payment(payment_id)

    told = api.attempt(payment_id)

    assert replace(told, created_at=None) == AttemptNews(
        gateway_order_id=booked["order_id"],
        gateway_payment_id=payment_id,
        status="captured",
        amount=50_000,
        currency="INR",
        method="upi",
        amount_refunded=20_000,
    )
    assert api.attempts(booked["order_id"]) == [told]
    assert api.attempt("pay_29QQoUBi66xm2f") is None


def test_two_orders_of_the_shop_are_two_at_the_gateway(shop, session):
    shop.product("ring", 2)
    bought = [purchase(shop, ring=1), purchase(shop, ring=1)]

    receipts = [
        in_the_books(shop.gateway, "orders", id=one.opened["razorpay_order_id"])[0]["receipt"]
        for one in bought
    ]

    assert receipts == [one.opened["payment_id"] for one in bought]
