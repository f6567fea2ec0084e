"""A buyer chooses how to pay; what the shop offers no more still ends as it was begun."""

import pytest
from sqlalchemy import func, select, update

from app import _gateways as gateways_of
from app.payments import gateway as gateways
from app.payments.models import Payment, Refund
from tests.builders import values
from tests.checkout.steps import told
from tests.payments.balance import assert_balanced
from tests.payments.purchase import purchase, refunds, sales
from tests.payments.stripe_stub import open_stub, stripe_purchase
from workers import payments as work

OFFERED = ["razorpay", "cash_on_delivery", "stripe"]


@pytest.fixture
def stripe(gateway):
    with open_stub(gateway) as stub:
        yield stub


@pytest.fixture
def buyer(shop):
    shop.product("ring", 2)
    return shop.customer()


@pytest.fixture
def order(buyer):
    return buyer.check_out(ring=1).json


def choose(buyer, order, body):
    return buyer.post(f"/api/v1/orders/{order['id']}/payments", body)


def offer(monkeypatch, *names):
    monkeypatch.setattr(gateways, "_offered", names)


def payments(session):
    columns = Payment.gateway, Payment.gateway_order_id, Payment.status
    return values(session.execute(select(*columns).order_by(Payment.created_at)))


@pytest.mark.parametrize("body", [None, {}, {"gateway": None}], ids=["none", "empty", "null"])
@pytest.mark.parametrize("default", ["razorpay", "stripe"])
def test_who_does_not_choose_gets_the_first_that_the_shop_offers(
    stripe, buyer, order, monkeypatch, default, body
):
    offer(monkeypatch, default, "cash_on_delivery")

    opened = choose(buyer, order, body)

    assert (opened.status_code, opened.json["gateway"]) == (200, default)


@pytest.mark.parametrize("name", OFFERED)
def test_each_gateway_that_is_offered_can_be_chosen(stripe, buyer, order, name):
    opened = choose(buyer, order, {"gateway": name})

    assert (opened.status_code, opened.json["gateway"]) == (200, name)


@pytest.mark.parametrize("name", ["paypal", "Razorpay", "razorpay,stripe", "_", "₹"])
def test_one_that_the_shop_does_not_have_is_refused_naming_those_offered(
    shop, session, buyer, order, name
):
    refused = choose(buyer, order, {"gateway": name})

    assert (refused.status_code, told(refused)) == (
        422,
        {
            "type": "/problems/gateway-not-offered",
            "title": "The shop does not take payments in this way.",
            "status": 422,
            "code": "gateway_not_offered",
            "gateways": OFFERED,
        },
    )
    assert (payments(session), shop.levels("ring").reserved) == ([], 1)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"gateway": ""}, "#/gateway"),
        ({"gateway": "x" * 41}, "#/gateway"),
        ({"gateway": 7}, "#/gateway"),
        ({"gateway": ["razorpay"]}, "#/gateway"),
        ({"gateway": "razor\u0000pay"}, "#/gateway"),
        ({"method": "upi"}, "#/method"),
        ([], "#"),
    ],
)
def test_a_choice_that_is_none_is_refused_by_name(buyer, order, body, pointer):
    refused = choose(buyer, order, body)

    pointers = [error["pointer"] for error in refused.json["errors"]]
    assert (refused.status_code, pointers) == (422, [pointer])


def test_who_thinks_better_of_it_has_one_payment_at_each_gateway(stripe, session, buyer, order):
    first = [choose(buyer, order, {"gateway": name}).json for name in ("razorpay", "stripe")]

    again = [choose(buyer, order, {"gateway": name}).json for name in ("razorpay", "stripe")]

    assert again == first
    assert payments(session) == [
        ("razorpay", first[0]["razorpay_order_id"], "created"),
        ("stripe", first[1]["payment_intent"], "created"),
    ]


def test_the_shop_keeps_every_gateway_that_it_has_the_keys_of(settings):
    only_razorpay = settings.model_copy(update={"payment_gateways": ("razorpay",)})
    without_stripe = settings.model_copy(update={"stripe_secret_key": None})

    assert [one.name for one in gateways_of(only_razorpay)] == [
        "razorpay",
        "cash_on_delivery",
        "stripe",
    ]
    assert [one.name for one in gateways_of(without_stripe)] == ["razorpay", "cash_on_delivery"]


@pytest.fixture
def bought(shop, stripe, buyer, monkeypatch):
    """An order whose payment is open at Stripe, which the shop then offers no more."""
    opened = stripe_purchase(shop, stripe, buyer, ring=1)
    offer(monkeypatch, "razorpay", "cash_on_delivery")
    return opened


@pytest.fixture
def charge(shop, bought):
    """The charge that paid for it."""
    charge = bought.pay()
    bought.tell("charge.succeeded", charge)
    shop.work()
    return charge


def test_what_is_offered_no_more_cannot_be_chosen(bought):
    refused = choose(bought.buyer, {"id": bought.order_id}, {"gateway": "stripe"})

    assert (refused.status_code, refused.json["gateways"]) == (422, OFFERED[:2])


def test_events_of_what_is_offered_no_more_still_confirm(session, bought, charge):
    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


def test_what_is_offered_no_more_is_still_asked_about_open_payments(shop, session, bought):
    bought.pay()
    session.execute(update(Payment).values(next_poll_at=func.now()))

    work.poll_payments()
    shop.work()

    assert bought.status == ("confirmed", "captured")


def test_who_paid_by_what_is_offered_no_more_is_still_verified(bought):
    answer = bought.buyer.post(
        "/api/v1/payments/verify",
        {
            "payment_intent": bought.opened["payment_intent"],
            "payment_intent_client_secret": bought.opened["client_secret"],
        },
    )

    assert (answer.status_code, answer.json["order_id"]) == (200, bought.order_id)


def test_money_that_came_by_what_is_offered_no_more_still_goes_back(shop, stripe, bought, charge):
    boss = shop.customer(role="admin")
    path = f"/api/v1/admin/payments/{bought.opened['payment_id']}/refunds"

    assert boss.post(path, {"reason": "bent", "reference": "r1"}).status_code == 202
    shop.work()

    assert stripe.given_back(charge) == [(103_000, "succeeded")]
    assert bought.status == ("confirmed", "refunded")


def test_what_is_offered_no_more_is_still_asked_about_refunds(
    shop, session, stripe, bought, charge
):
    boss = shop.customer(role="admin")
    path = f"/api/v1/admin/payments/{bought.opened['payment_id']}/refunds"
    stripe.fault(route="refunds.create", too_many_requests=True)
    boss.post(path, {"reason": "bent", "reference": "r1"})
    shop.work()
    stripe.clear()
    session.execute(update(Refund).values(next_poll_at=func.now()))

    work.poll_refunds()

    assert refunds(session) == [(charge, 103_000, "processed", "bent")]


def test_a_second_capture_by_what_is_offered_no_more_goes_back(shop, session, stripe, bought):
    at_razorpay = choose(bought.buyer, {"id": bought.order_id}, None).json
    shop.capture(at_razorpay)
    shop.work()
    charge = bought.pay()

    bought.tell("charge.succeeded", charge)
    shop.work()

    assert stripe.given_back(charge) == [(103_000, "succeeded")]
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_balanced(session)


def test_a_promise_of_cash_is_kept_though_cash_is_offered_no_more(
    shop, session, buyer, monkeypatch
):
    bought = purchase(shop, buyer, ring=1)
    choose(buyer, {"id": bought.order_id}, {"gateway": "cash_on_delivery"})
    offer(monkeypatch, "razorpay")
    payment_id = session.scalars(
        select(Payment.id).where(Payment.gateway == "cash_on_delivery")
    ).one()

    taken = shop.customer(role="staff").post(f"/api/v1/admin/payments/{payment_id}/capture")

    assert (taken.status_code, taken.json["status"]) == (200, "captured")
    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)
