"""The payment of an order is opened once, however often and however unluckily it is asked for."""

from uuid import UUID

import pytest
from sqlalchemy import select, update

from app.checkout.pay import open_payment
from app.core.db import transaction
from app.orders.models import Order
from app.payments import calls, payments
from app.payments.gateway import _gateways as gateways
from app.payments.gateway import gateway
from app.payments.models import Payment
from app.payments.razorpay import Razorpay
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


def pay(buyer, order):
    return buyer.post(f"/api/v1/orders/{order['id']}/payments")


def at_the_gateway(shop, payment_id):
    """The Razorpay orders that were opened for a payment."""
    return [o for o in shop.gateway.books()["orders"] if o["receipt"] == payment_id]


def test_an_opened_payment_is_what_razorpays_checkout_needs(shop, buyer, order, session, settings):
    response = pay(buyer, order)

    account = buyer.get("/api/v1/me").json
    payment = session.scalars(select(Payment)).one()
    assert (response.status_code, response.json) == (
        200,
        {
            "payment_id": str(payment.id),
            "gateway": "razorpay",
            "key_id": settings.razorpay_key_id,
            "razorpay_order_id": payment.gateway_order_id,
            "amount": 206_000,
            "currency": "INR",
            "expires_at": order["expires_at"],
            "prefill": {
                "name": "Meera Iyer",
                "email": account["email"],
                "contact": "+919876543210",
            },
            "downtimes": [],
        },
    )
    assert (payment.status, payment.amount, payment.currency) == ("created", 206_000, "INR")
    assert [
        (o["id"], o["amount"], o["currency"], o["status"])
        for o in at_the_gateway(shop, str(payment.id))
    ] == [(payment.gateway_order_id, 206_000, "INR", "created")]
    assert settings.razorpay_key_secret.get_secret_value() not in response.text


def test_asked_again_it_is_the_same_payment(shop, buyer, order, session, redis):
    first = pay(buyer, order)
    before = everything(session, redis)

    again = [pay(buyer, order) for _ in range(2)]

    assert [(r.status_code, r.json) for r in again] == [(200, first.json)] * 2
    assert everything(session, redis) == before
    assert len(at_the_gateway(shop, first.json["payment_id"])) == 1


def test_asked_at_once_it_is_the_same_payment(buyer, order, session):
    answers = at_once([lambda: pay(buyer, order)] * 6)

    assert {r.status_code for r in answers} == {200}
    assert [r.json for r in answers] == [answers[0].json] * 6
    assert session.scalars(select(Payment.gateway_order_id)).all() == [
        answers[0].json["razorpay_order_id"]
    ]


def test_the_first_order_at_the_gateway_is_the_one_that_is_paid(buyer, order, session):
    """Of two requests at once the slower one tells of an order that it opened as well."""
    pay(buyer, order)
    payment_id, first = session.execute(select(Payment.id, Payment.gateway_order_id)).one()

    with transaction() as another:
        held = payments.attach(another, payment_id, "order_of_the_slower", is_polled=True)

    assert held.gateway_order_id == first


def test_each_order_has_a_payment_of_its_own(buyer, order):
    other = send(buyer, basket(ring=1), "another").json

    first, second = pay(buyer, order).json, pay(buyer, other).json

    assert first["payment_id"] != second["payment_id"]
    assert first["razorpay_order_id"] != second["razorpay_order_id"]
    assert (first["amount"], second["amount"]) == (206_000, 103_000)


def test_an_order_at_razorpay_whose_answer_was_lost_is_found_by_its_receipt(
    shop, buyer, order, session
):
    """The process died after Razorpay made the order and before we wrote its id."""
    with transaction() as inner:
        payment = payments.prepare(
            inner, order["id"], gateway="razorpay", amount=206_000, currency="INR"
        )
    made = gateway("razorpay").open(receipt=str(payment.id), amount=206_000, currency="INR")

    opened = pay(buyer, order).json

    assert (opened["payment_id"], opened["razorpay_order_id"]) == (str(payment.id), made)
    assert [o["id"] for o in at_the_gateway(shop, str(payment.id))] == [made]


def test_an_answer_that_razorpay_breaks_off_is_asked_for_again_within_the_request(
    shop, buyer, order, session
):
    shop.gateway.fault(route="orders.create", reset_after=True, next_n=1)

    found = pay(buyer, order)

    payment_id = str(session.scalars(select(Payment.id)).one())
    assert (found.status_code, found.json["payment_id"]) == (200, payment_id)
    assert [o["id"] for o in at_the_gateway(shop, payment_id)] == [found.json["razorpay_order_id"]]


def test_where_no_answer_comes_it_is_a_503_and_the_next_request_finds_the_order(
    shop, buyer, order, session
):
    shop.gateway.fault(route="orders.create", reset_after=True, next_n=1)
    shop.gateway.fault(route="orders.all", json_500=True)
    refused = pay(buyer, order)
    shop.gateway.clear()
    shop.gateway.fault(route="orders.create", reset_after=True, next_n=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "TRIES", 1)
        lost = pay(buyer, order)
    found = pay(buyer, order)

    assert refused.status_code == 503

    payment_id = str(session.scalars(select(Payment.id)).one())
    assert (lost.status_code, lost.json["code"]) == (503, "gateway_unavailable")
    assert (found.status_code, found.json["payment_id"]) == (200, payment_id)
    assert [o["id"] for o in at_the_gateway(shop, payment_id)] == [found.json["razorpay_order_id"]]


@pytest.mark.parametrize(
    "fault", ["json_500", "html_502", "too_many_requests", "reset_after", "nobody listens"]
)
def test_while_razorpay_is_down_the_units_stay_reserved(
    shop, buyer, order, session, settings, monkeypatch, fault
):
    if fault == "nobody listens":
        nowhere = Razorpay(
            key_id=settings.razorpay_key_id,
            key_secret=settings.razorpay_key_secret.get_secret_value(),
            base_url="http://127.0.0.1:9",
        )
        monkeypatch.setitem(gateways, "razorpay", nowhere)
    else:
        shop.gateway.fault(**{fault: True})

    response = pay(buyer, order)

    assert (response.status_code, told(response)) == (
        503,
        {
            "type": "/problems/gateway-unavailable",
            "title": "The payment gateway cannot be reached now; your units stay reserved, so "
            "ask again.",
            "status": 503,
            "code": "gateway_unavailable",
        },
    )
    assert response.headers["Retry-After"] == "5"
    assert buyer.order(order["id"]) == order
    assert reservations(session) == [(2, "pending")]
    assert shop.levels("ring").reserved == 2

    monkeypatch.undo()
    shop.gateway.clear()

    assert pay(buyer, order).status_code == 200


@pytest.mark.parametrize("is_closed", [False, True], ids=["not closed yet", "closed"])
def test_an_order_whose_time_is_up_is_not_paid(shop, buyer, order, session, redis, is_closed):
    let_time_run_out(session, redis, order["id"], "ring")
    if is_closed:
        expire_orders()
    before = everything(session, redis)
    known = len(shop.gateway.books()["orders"])

    response = pay(buyer, order)

    assert (response.status_code, told(response)) == (
        409,
        {
            "type": "/problems/reservation-expired",
            "title": "The time to pay is over and the units are on sale again.",
            "status": 409,
            "code": "reservation_expired",
        },
    )
    assert everything(session, redis) == before
    assert len(shop.gateway.books()["orders"]) == known


def test_a_payment_that_is_open_is_not_told_again_when_the_time_is_up(buyer, order, session, redis):
    pay(buyer, order)
    let_time_run_out(session, redis, order["id"], "ring")

    response = pay(buyer, order)

    assert (response.status_code, response.json["code"]) == (409, "reservation_expired")


@pytest.mark.parametrize(
    "status", ["cancelled", "confirmed", "processing", "shipped", "delivered", "returned"]
)
def test_an_order_that_waits_for_no_payment_is_not_paid(buyer, order, session, redis, status):
    session.execute(update(Order).values(status=status, payment_status="captured"))
    before = everything(session, redis)

    response = pay(buyer, order)

    assert (response.status_code, told(response)) == (
        409,
        {
            "type": "/problems/order-not-payable",
            "title": "The order is not waiting for a payment.",
            "status": 409,
            "code": "order_not_payable",
            "detail": f"The order is {status}.",
            "order_status": status,
        },
    )
    assert everything(session, redis) == before


def test_a_cancelled_order_is_not_paid(shop, buyer, order, session):
    buyer.post(f"/api/v1/orders/{order['id']}/cancel", {})

    response = pay(buyer, order)

    assert (response.status_code, response.json["order_status"]) == (409, "cancelled")
    assert session.scalars(select(Payment)).all() == []


def test_another_customers_order_is_not_there_to_pay(shop, order, session):
    response = pay(shop.customer(), order)

    assert (response.status_code, response.json["code"]) == (404, "order_not_found")
    assert session.scalars(select(Payment)).all() == []


def test_no_row_is_locked_while_razorpay_thinks(buyer, order, session, monkeypatch):
    """Another request takes the order's row while the gateway is asked."""
    really_open = Razorpay.open
    seen = []

    def look_and_open(self, **asked):
        seen.extend(values(session.execute(select(Order.status).with_for_update(nowait=True))))
        return really_open(self, **asked)

    monkeypatch.setattr(Razorpay, "open", look_and_open)

    assert pay(buyer, order).status_code == 200
    assert seen == [("pending",)]


def test_the_story_tells_the_same_as_the_api(buyer, order):
    told_by_story = open_payment(UUID(order["id"]), customer_id=buyer.id)

    told_by_api = pay(buyer, order).json
    assert told_by_story["razorpay_order_id"] == told_by_api["razorpay_order_id"]
    assert told_by_story["prefill"] == told_by_api["prefill"]
