"""Razorpay's API over real HTTP, with everything that can be wrong about it."""

from uuid import uuid4

import pytest
import requests

from app.payments import razorpay
from app.payments.errors import GatewayRefused, GatewayUnavailable


@pytest.fixture
def razorpay_api(app):
    return razorpay.gateway()


def receipt():
    return str(uuid4())


def in_the_books(gateway, kind, **wanted):
    """Every order or refund of the gateway's books with these values."""
    return [
        entity
        for entity in gateway.books()[kind]
        if all(entity[name] == value for name, value in wanted.items())
    ]


def captured(gateway, razorpay_api, amount=50_000):
    """A captured payment at the gateway."""
    order = razorpay_api.create_order(receipt=receipt(), amount=amount, currency="INR")
    return gateway.pay(order)["razorpay_payment_id"]


def test_an_order_is_asked_for_in_whole_paise_and_found_by_its_receipt(gateway, razorpay_api):
    ours = receipt()

    order_id = razorpay_api.create_order(receipt=ours, amount=1_999, currency="INR")

    [order] = in_the_books(gateway, "orders", id=order_id)
    assert (order["amount"], order["currency"], order["receipt"]) == (1_999, "INR", ours)
    assert razorpay_api.find_order(receipt=ours) == order_id
    assert razorpay_api.find_order(receipt=receipt()) is None


def test_an_order_whose_answer_was_lost_is_found_by_its_receipt(gateway, razorpay_api):
    ours = receipt()
    gateway.fault(route="orders.create", reset_after=True)

    with pytest.raises(GatewayUnavailable):
        razorpay_api.create_order(receipt=ours, amount=1_999, currency="INR")

    [order] = in_the_books(gateway, "orders", receipt=ours)
    assert razorpay_api.find_order(receipt=ours) == order["id"]


def test_a_gateway_that_hangs_is_given_up(gateway, razorpay_api, monkeypatch):
    monkeypatch.setattr(razorpay, "TIMEOUT_SECONDS", (0.2, 0.2))
    ours = receipt()
    gateway.fault(hang_ms=3_000)

    with pytest.raises(GatewayUnavailable) as given_up:
        razorpay_api.create_order(receipt=ours, amount=1_999, currency="INR")

    assert isinstance(given_up.value.__cause__, requests.ReadTimeout)
    assert in_the_books(gateway, "orders", receipt=ours) == []


def test_a_gateway_that_is_not_there_is_unavailable():
    nowhere = razorpay.Gateway(
        key_id="rzp_test_nobody", key_secret="no secret", base_url="http://127.0.0.1:9"
    )

    with pytest.raises(GatewayUnavailable) as refused:
        nowhere.find_order(receipt=receipt())

    assert (refused.value.status, refused.value.retry_after) == (503, 5)
    nowhere.close()


@pytest.mark.parametrize("fault", ["html_502", "json_500", "too_many_requests"])
@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(
            lambda api: api.create_order(receipt=receipt(), amount=1_999, currency="INR"),
            id="create_order",
        ),
        pytest.param(lambda api: api.find_order(receipt=receipt()), id="find_order"),
        pytest.param(
            lambda api: api.refund("pay_29QQoUBi66xm2f", amount=100, key=receipt()), id="refund"
        ),
    ],
)
def test_a_passing_fault_is_told_as_unavailable_and_passes(gateway, razorpay_api, fault, ask):
    gateway.fault(**{fault: True}, next_n=1)

    with pytest.raises(GatewayUnavailable) as unavailable:
        ask(razorpay_api)

    assert unavailable.value.body() == {
        "type": "/problems/gateway-unavailable",
        "title": GatewayUnavailable.title(),
        "status": 503,
        "code": "gateway_unavailable",
    }
    assert razorpay_api.create_order(receipt=receipt(), amount=1_999, currency="INR")


def test_a_refusal_keeps_what_razorpay_said(razorpay_api):
    with pytest.raises(GatewayRefused) as refused:
        razorpay_api.create_order(receipt=receipt(), amount=99, currency="INR")

    assert refused.value.detail == "Order amount less than minimum amount allowed"
    assert refused.value.members == {
        "gateway_error": {
            "code": "BAD_REQUEST_ERROR",
            "description": "Order amount less than minimum amount allowed",
            "reason": "amount_less_than_minimum_amount",
            "field": "amount",
        }
    }


def test_a_wrong_key_pair_is_a_refusal_and_not_an_outage(gateway):
    stranger = razorpay.Gateway(
        key_id="rzp_test_nobody", key_secret="no secret", base_url=gateway.url
    )

    with pytest.raises(GatewayRefused, match="Authentication failed"):
        stranger.find_order(receipt=receipt())

    stranger.close()


def test_a_refund_is_asked_for_at_normal_speed_and_named_by_its_key(gateway, razorpay_api):
    payment_id, key = captured(gateway, razorpay_api), receipt()

    refund = razorpay_api.refund(payment_id, amount=20_000, key=key)

    told = {name: refund[name] for name in ("payment_id", "amount", "receipt", "speed_requested")}
    assert told == {
        "payment_id": payment_id,
        "amount": 20_000,
        "receipt": key,
        "speed_requested": "normal",
    }


def test_the_same_key_refunds_once(gateway, razorpay_api):
    payment_id, key = captured(gateway, razorpay_api), receipt()

    first = razorpay_api.refund(payment_id, amount=20_000, key=key)
    again = razorpay_api.refund(payment_id, amount=20_000, key=key)

    assert again == first
    assert in_the_books(gateway, "refunds", payment_id=payment_id) == [first]


def test_a_refund_whose_answer_was_lost_is_the_same_refund_when_asked_again(gateway, razorpay_api):
    payment_id, key = captured(gateway, razorpay_api), receipt()
    gateway.fault(route="refunds.create", reset_after=True, next_n=1)

    with pytest.raises(GatewayUnavailable):
        razorpay_api.refund(payment_id, amount=20_000, key=key)

    [lost] = in_the_books(gateway, "refunds", payment_id=payment_id)
    assert razorpay_api.refund(payment_id, amount=20_000, key=key) == lost


def test_a_refund_whose_first_request_still_runs_is_to_be_asked_for_again(
    gateway, razorpay_api, monkeypatch
):
    payment_id, key = captured(gateway, razorpay_api), receipt()
    gateway.fault(route="refunds.create", reset_after=True, hang_ms=3_000, next_n=1)
    with monkeypatch.context() as patch:
        patch.setattr(razorpay, "TIMEOUT_SECONDS", (1, 0.3))
        with pytest.raises(GatewayUnavailable):
            razorpay_api.refund(payment_id, amount=20_000, key=key)

    with pytest.raises(GatewayUnavailable) as unavailable:
        razorpay_api.refund(payment_id, amount=20_000, key=key)

    assert unavailable.value.__cause__.status == 409


def test_more_than_was_captured_is_never_refunded(gateway, razorpay_api):
    payment_id = captured(gateway, razorpay_api, amount=50_000)
    razorpay_api.refund(payment_id, amount=30_000, key=receipt())

    with pytest.raises(GatewayRefused, match="greater than amount captured"):
        razorpay_api.refund(payment_id, amount=30_000, key=receipt())

    assert gateway.payment(payment_id)["amount_refunded"] == 30_000
