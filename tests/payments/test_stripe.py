"""Paying by Stripe: opened, paid, tried again, and paid twice."""

import pytest
from sqlalchemy import func, select, update

from app.accounts.models import User
from app.payments import calls
from app.payments.gateway import _gateways as gateways
from app.payments.gateway import gateway
from app.payments.models import Payment, PaymentAttempt
from app.payments.stripe import Stripe
from tests.builders import values
from tests.checkout.steps import told
from tests.payments.balance import assert_balanced
from tests.payments.purchase import expire, given_back, purchase, refunds, sales
from tests.payments.stripe_stub import deliver, open_stripe, open_stub, stripe_purchase
from workers import payments as work

UNAVAILABLE = {
    "type": "/problems/gateway-unavailable",
    "title": ("The payment gateway cannot be reached now; your units stay reserved, so ask again."),
    "status": 503,
    "code": "gateway_unavailable",
}


@pytest.fixture
def stripe(gateway):
    with open_stub(gateway) as stub:
        yield stub


@pytest.fixture
def bought(shop, stripe):
    """An order of one of two rings, whose payment is open at Stripe."""
    shop.product("ring", 2)
    return stripe_purchase(shop, stripe, ring=1)


@pytest.fixture
def order(shop, stripe):
    """An order whose payment is not open so far, and its buyer."""
    shop.product("ring", 2)
    buyer = shop.customer()
    return buyer, buyer.check_out(ring=1).json


def intents_of(stripe, payment_id):
    found = stripe.books()["payment_intents"]
    return [one for one in found if one["metadata"] == {"receipt": payment_id}]


def tries(session):
    columns = (
        PaymentAttempt.gateway_payment_id, PaymentAttempt.status, PaymentAttempt.amount,
        PaymentAttempt.currency, PaymentAttempt.method, PaymentAttempt.outcome,
    )  # fmt: skip
    return values(session.execute(select(*columns).order_by(PaymentAttempt.created_at)))


def let_time_pass(session):
    open_ones = update(Payment).where(Payment.next_poll_at.is_not(None))
    session.execute(open_ones.values(next_poll_at=func.now()))


def test_an_opened_payment_is_what_stripes_page_needs(stripe, order, session):
    buyer, placed = order
    email = session.scalars(select(User.email)).one()

    response = open_stripe(buyer, placed["id"])

    payment = session.scalars(select(Payment)).one()
    [intent] = intents_of(stripe, str(payment.id))
    assert (response.status_code, response.json) == (
        200,
        {
            "payment_id": str(payment.id),
            "gateway": "stripe",
            "publishable_key": "pk_test_ora_development_key",
            "payment_intent": intent["id"],
            "client_secret": intent["client_secret"],
            "amount": 103_000,
            "currency": "INR",
            "expires_at": placed["expires_at"],
            "prefill": {
                "name": "Meera Iyer",
                "email": email,
                "contact": "+919876543210",
            },
            "downtimes": [],
        },
    )
    assert (intent["amount"], intent["currency"], intent["capture_method"]) == (
        103_000,
        "inr",
        "automatic",
    )
    assert (payment.gateway, payment.gateway_order_id, payment.status) == (
        "stripe",
        intent["id"],
        "created",
    )


def test_opened_again_it_is_the_same_payment(stripe, order):
    buyer, placed = order

    first, again = open_stripe(buyer, placed["id"]), open_stripe(buyer, placed["id"])

    assert (again.status_code, again.json) == (200, first.json)
    assert len(intents_of(stripe, first.json["payment_id"])) == 1


def test_an_intent_whose_answer_was_lost_is_had_again_within_the_request(stripe, order):
    buyer, placed = order
    stripe.fault(route="payment_intents.create", reset_after=True, next_n=1)

    opened = open_stripe(buyer, placed["id"])

    [intent] = intents_of(stripe, opened.json["payment_id"])
    assert (opened.status_code, opened.json["payment_intent"]) == (200, intent["id"])


def test_an_intent_of_which_no_answer_came_is_had_by_the_next_request(stripe, order, monkeypatch):
    buyer, placed = order
    stripe.fault(route="payment_intents.create", reset_after=True, next_n=1)

    with monkeypatch.context() as patch:
        patch.setattr(calls, "TRIES", 1)
        lost = open_stripe(buyer, placed["id"])
    opened = open_stripe(buyer, placed["id"])

    [intent] = intents_of(stripe, opened.json["payment_id"])
    assert (lost.status_code, told(lost)) == (503, UNAVAILABLE)
    assert (opened.status_code, opened.json["payment_intent"]) == (200, intent["id"])


@pytest.mark.parametrize("route", ["payment_intents.create", "payment_intents.retrieve"])
@pytest.mark.parametrize(
    "fault",
    [{"too_many_requests": True}, {"json_500": True}, {"html_502": True}, {"hang_ms": 20}],
    ids=["429", "500", "502 in HTML", "no answer"],
)
def test_while_stripe_is_down_the_units_stay_reserved(
    shop, stripe, order, monkeypatch, route, fault
):
    monkeypatch.setattr(calls, "TRIES", 1)
    buyer, placed = order
    stripe.fault(route=route, **fault)

    refused = open_stripe(buyer, placed["id"])
    stripe.clear()
    opened = open_stripe(buyer, placed["id"])

    assert (refused.status_code, told(refused)) == (503, UNAVAILABLE)
    assert refused.headers["Retry-After"] == "5"
    assert (shop.levels("ring").reserved, buyer.order(placed["id"])["status"]) == (1, "pending")
    assert opened.status_code == 200


def test_a_stripe_that_keeps_silent_is_not_waited_for(stripe, order, monkeypatch):
    monkeypatch.setattr(calls, "TRIES", 1)
    monkeypatch.setattr(gateway("stripe")._http, "_timeout", (1, 0.2))
    buyer, placed = order
    stripe.fault(route="payment_intents.create", hang_ms=1_000, next_n=1)

    refused = open_stripe(buyer, placed["id"])

    assert (refused.status_code, told(refused)) == (503, UNAVAILABLE)


def test_what_stripe_refuses_is_told_without_its_words(stripe, order, monkeypatch):
    buyer, placed = order
    locked_out = Stripe(secret_key="sk_test_of_nobody", publishable_key="", base_url=stripe.url)
    monkeypatch.setitem(gateways, "stripe", locked_out)

    refused = open_stripe(buyer, placed["id"])

    assert (refused.status_code, told(refused)) == (
        502,
        {
            "type": "/problems/gateway-refused",
            "title": "The payment gateway refused what we asked of it.",
            "status": 502,
            "code": "gateway_refused",
        },
    )


def test_a_charge_that_stripe_tells_of_confirms_the_order_once(shop, session, bought):
    charge = bought.pay()

    bought.tell("charge.succeeded", charge)
    assert bought.status == ("pending", "pending")
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert tries(session) == [(charge, "captured", 103_000, "INR", "card", "kept")]
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert (shop.on_hand("ring"), refunds(session)) == (1, [])
    assert_balanced(session)


def test_a_charge_of_which_no_event_told_is_asked_about(shop, session, bought):
    charge = bought.pay()
    let_time_pass(session)

    work.poll_payments()
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert tries(session) == [(charge, "captured", 103_000, "INR", "card", "kept")]
    assert_balanced(session)


def test_a_charge_that_failed_leaves_the_order_to_be_paid(shop, session, bought):
    failed = bought.pay("failed")
    bought.tell("charge.failed", failed)
    shop.work()
    assert bought.status == ("pending", "failed")

    paid = bought.pay()
    bought.tell("charge.succeeded", paid)
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert tries(session) == [
        (failed, "failed", 103_000, "INR", "card", None),
        (paid, "captured", 103_000, "INR", "card", "kept"),
    ]
    assert session.scalars(select(PaymentAttempt.error_reason)).all() == ["card_declined", None]
    assert_balanced(session)


def test_a_charge_for_which_nothing_is_left_goes_back(shop, session, stripe, bought):
    charge = bought.pay()
    expire(session, bought.order_id)
    assert shop.customer().check_out(ring=2).status_code == 201

    bought.tell("charge.succeeded", charge)
    shop.work()

    assert bought.status == ("expired", "refunded")
    assert refunds(session) == [(charge, 103_000, "processed", "sold_out")]
    assert stripe.given_back(charge) == [(103_000, "succeeded")]
    assert_balanced(session)


@pytest.mark.parametrize("first", ["razorpay", "stripe"])
def test_an_order_that_was_paid_at_two_gateways_keeps_the_first_and_sends_the_other_back(
    shop, session, stripe, first
):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    payment = bought.pay()
    charge = stripe.pay(open_stripe(bought.buyer, bought.order_id).json["payment_intent"])
    tell = {
        "razorpay": lambda: bought.tell("payment.captured", payment),
        "stripe": lambda: deliver(shop, stripe.events(charge)[0]),
    }

    for name in sorted(tell, key=lambda name: name != first):
        tell[name]()
        shop.work()

    sent_back = charge if first == "razorpay" else payment
    assert bought.status == ("confirmed", "captured")
    assert refunds(session) == [(sent_back, 103_000, "processed", "second_capture")]
    assert (stripe.given_back(charge), given_back(shop, payment)) == (
        ([(103_000, "succeeded")], []) if first == "razorpay" else ([], [(103_000, "processed")])
    )
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_balanced(session)
