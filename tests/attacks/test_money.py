"""Attacks on money: forged and misused proofs of payment, and refunds that were never due."""

import json
from collections import Counter
from uuid import uuid4

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from app.config import ConfigurationError, Settings, load_settings
from app.webhooks.models import WebhookEvent
from tests.api.snapshot import everything
from tests.builders import Customer
from tests.core.test_config import OWN_PRODUCTION
from tests.failures.account import account
from tests.failures.together import all_at_once, finish
from tests.gateway import SECRET, Delivery
from tests.payments.balance import assert_balanced
from tests.payments.purchase import events, given_back, purchase, refunds, sales
from tests.treasury.money import ask_back, paid_order

VERIFY = "/api/v1/payments/verify"


@pytest.fixture
def bought(shop):
    """A ring that is ordered, its payment open."""
    shop.product("ring", 5)
    return purchase(shop, ring=1)


def knock(shop, body, signature, gateway="razorpay"):
    """Bring a body to a gateway's door; tells the status."""
    names = {"razorpay": "X-Razorpay-Signature", "stripe": "Stripe-Signature"}
    headers = {} if signature is None else {names[gateway]: signature}
    answer = shop.app.test_client().post(f"/webhooks/{gateway}", data=body, headers=headers)
    return answer.status_code


def test_attack_01_an_event_that_its_gateway_did_not_sign(shop, session, bought):
    told = bought.event("payment.captured", bought.pay())
    genuine = told.headers()["X-Razorpay-Signature"]
    forged = [None, "", genuine[:-1], genuine[::-1], "0" * 64, genuine.upper(), f"{genuine},x"]
    stripes = [None, "", "t=1,v1=" + "0" * 64, f"t=9999999999,v1={genuine}"]

    tried = {knock(shop, told.body, signature) for signature in forged}
    tried |= {knock(shop, told.body, signature, "stripe") for signature in stripes}
    shop.work()

    assert tried == {400}
    assert events(session) == []
    assert bought.status == ("pending", "pending")
    assert knock(shop, told.body, genuine) == 200


WITH_STRIPE = OWN_PRODUCTION | {
    "PAYMENT_GATEWAYS": "razorpay,stripe",
    "STRIPE_PUBLISHABLE_KEY": "pk_live_of_this_very_shop",
    "STRIPE_SECRET_KEY": "a secret key of this very shop",
    "STRIPE_WEBHOOK_SECRET": "a webhook secret of this very shop",
}


@pytest.mark.parametrize("name", ["RAZORPAY_WEBHOOK_SECRET", "SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
@pytest.mark.parametrize("value", ["", "short"])
def test_attack_02_a_secret_that_is_none_keeps_the_shop_from_starting(monkeypatch, name, value):
    for other in Settings.model_fields:
        monkeypatch.delenv(other.upper(), raising=False)
    for other, good in WITH_STRIPE.items():
        monkeypatch.setenv(other, good)
    assert load_settings().app_env == "production"
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigurationError, match=name):
        load_settings()


def test_attack_02_nothing_is_signed_by_an_empty_secret(shop, bought):
    told = bought.event("payment.captured", bought.pay())

    assert shop.app.test_client().post(
        "/webhooks/razorpay", data=told.body, headers=told.headers("")
    ).status_code == 400  # fmt: skip


def test_attack_03_a_body_that_was_written_anew_under_its_old_signature(shop, session):
    told = shop.gateway.deliver_of(b'{"event": "payment.captured", "note": "\\u20b9 \\/"}')
    again = json.dumps(json.loads(told.body)).encode()
    assert json.loads(again) == json.loads(told.body)

    assert knock(shop, again, told.headers()["X-Razorpay-Signature"]) == 400
    assert events(session) == []


def test_attack_04_one_event_a_thousand_times(shop, session, bought):
    paid = bought.pay()
    told = bought.event("payment.captured", paid)

    answers = Counter(shop.deliver(told).status_code for _ in range(1_000))
    # A copy under another id, as one who recorded it would send it.
    shop.deliver(Delivery("evtAnother00001", told.body))
    shop.work()

    assert answers == {200: 1_000}
    assert bought.status == ("confirmed", "captured")
    assert [units for _, units in sales(session)] == [-1]
    assert refunds(session) == []
    assert_balanced(session)


def test_attack_05_the_proof_of_a_cheap_order_for_a_dear_one(shop, session, bought):
    shop.product("pin", 1, price=100)
    cheap = purchase(shop, bought.buyer, pin=1)
    proof = shop.gateway.pay(cheap.opened["razorpay_order_id"])
    crossed = proof | {"razorpay_order_id": bought.opened["razorpay_order_id"]}

    answer = bought.buyer.post(VERIFY, crossed)
    shop.work()

    assert (answer.status_code, answer.json["code"]) == (400, "invalid_signature")
    assert bought.status == ("pending", "pending")
    assert bought.buyer.post(VERIFY, proof).status_code == 200


@pytest.mark.parametrize("forged", [{"amount": 100}, {"currency": "USD"}])
def test_attack_06_a_genuine_capture_of_less_or_of_other_money(shop, session, bought, forged):
    amount = forged.get("amount", bought.total)
    paid = bought.pay(amount=amount)

    bought.tell("payment.captured", paid, **forged)
    shop.work()

    assert bought.status == ("pending", "refunded")
    assert refunds(session) == [(paid, amount, "processed", "amount_mismatch")]
    assert given_back(shop, paid) == [(amount, "processed")]


def test_attack_07_an_event_of_another_account(shop, session, bought):
    told = bought.event("payment.captured", bought.pay())

    with account(razorpay_account_id="acc_SomebodyElse0"):
        assert shop.deliver(told).status_code == 200
        shop.work()

    assert events(session) == [("payment.captured", "ignored", "another account's")]
    assert bought.status == ("pending", "pending")


def test_attack_08_notes_that_name_an_order_of_ours(shop, session, bought):
    """Of an event only the gateway's own order counts, which the shop opened itself."""
    paid = bought.pay()
    notes = {"order_id": bought.order_id, "receipt": bought.order_id}

    bought.tell("payment.captured", paid, order_id="order_EKwxwAgItmmXdp", notes=notes)
    shop.work()

    assert bought.status == ("pending", "pending")
    assert [(status, note) for _, status, note in events(session)] == [
        ("ignored", "not an order of this shop")
    ]


def test_attack_09_the_proof_of_somebody_else(shop, session, redis, bought):
    proof, thief = shop.gateway.pay(bought.opened["razorpay_order_id"]), shop.customer()
    before = everything(session, redis)

    answer = thief.post(VERIFY, proof)

    assert (answer.status_code, answer.json["code"]) == (404, "payment_not_found")
    assert everything(session, redis) == before


def test_attack_10_a_browser_that_says_it_has_paid(shop, session, redis, bought):
    body = {
        "razorpay_order_id": bought.opened["razorpay_order_id"],
        "razorpay_payment_id": "pay_29QQoUBi66xm2f", "razorpay_signature": "0" * 64,
    }  # fmt: skip
    before = everything(session, redis)

    tried = [
        bought.buyer.post(VERIFY, body | told).status_code
        for told in ({}, {"status": "captured"}, {"razorpay_signature": ""})
    ]
    del body["razorpay_signature"]
    tried.append(bought.buyer.post(VERIFY, body).status_code)

    assert tried == [400, 422, 422, 422]
    assert everything(session, redis) == before


def test_attack_11_a_hundred_refunds_at_once(shop, session):
    bought, paid = paid_order(shop)
    boss = shop.customer(role="admin")
    third = bought.total // 3

    def asking(number):
        def ask():
            admin = Customer(shop.app.test_client(), boss.id, boss.token)
            answer = ask_back(admin, bought, third, f"return-{number}")
            while answer.status_code == 503:
                answer = ask_back(admin, bought, third, f"return-{number}")
            return answer.status_code

        return ask

    answers = Counter()
    for round_ in range(5):
        answers += Counter(all_at_once([asking(20 * round_ + n) for n in range(20)]))
    finish(shop, session)

    assert answers == {202: 3, 409: 97}
    assert sum(amount for amount, _ in given_back(shop, paid)) == 3 * third <= bought.total
    assert_balanced(session, **{paid: [third] * 3})


@pytest.mark.parametrize("amount", ["-1", "0", "1.5", "NaN", "1e18", '"1"', "true", "1" + "0" * 18])
def test_attack_12_a_refund_of_an_amount_that_is_none(shop, session, amount):
    bought, _ = paid_order(shop)
    boss = shop.customer(role="admin")

    answer = boss.client.post(
        f"/api/v1/admin/payments/{bought.opened['payment_id']}/refunds",
        data=f'{{"reason": "x", "reference": "y", "amount": {amount}}}',
        headers=boss.headers, content_type="application/json",
    )  # fmt: skip

    # NaN is no JSON at all; the last one is an amount, and far too much.
    refusal = {"NaN": 400, "1" + "0" * 18: 409}.get(amount, 422)
    assert answer.status_code == refusal, answer.text
    assert refunds(session) == []
    assert bought.status == ("confirmed", "captured")


def test_attack_13_two_orders_at_the_gateway_for_one_of_ours_and_both_paid(shop, session, bought):
    one, other = bought.pay(), bought.paid_again()

    bought.tell("payment.captured", one)
    bought.tell("payment.captured", other, order_id=bought.opened["razorpay_order_id"])
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert [units for _, units in sales(session)] == [-1]
    assert given_back(shop, one) == []
    assert given_back(shop, other) == [(bought.total, "processed")]
    assert_balanced(session)


def test_attack_14_a_secret_that_is_good_no_more(shop, session):
    told = shop.gateway.deliver_of({"event": "payment_link.paid", "payload": {}})

    def knocked():
        sent = told.headers(SECRET) | {"X-Razorpay-Event-Id": uuid4().hex[:14]}
        client = shop.app.test_client()
        return client.post("/webhooks/razorpay", data=told.body, headers=sent).status_code

    new = SecretStr("the secret of this week, long enough")
    with account(razorpay_webhook_secret=new, razorpay_webhook_secret_previous=SecretStr(SECRET)):
        assert knocked() == 200
    with account(razorpay_webhook_secret=new):
        assert knocked() == 400
    assert session.scalar(select(func.count()).select_from(WebhookEvent)) == 1
