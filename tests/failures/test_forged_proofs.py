"""Proofs that were refused though they were good, or taken for more than they prove."""

import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.payments.models import Payment
from app.webhooks.models import WebhookEvent
from sandbox.config import Settings
from sandbox.events import serialize
from tests.builders import values
from tests.failures.account import account
from tests.failures.soundness import assert_sound
from tests.gateway import Delivery
from tests.payments.purchase import events, purchase

SAMPLES = Path(__file__).parents[1] / "webhooks" / "samples" / "others"
VECTORS = json.loads((SAMPLES / "signature.vectors.json").read_bytes())


def written(envelope, *, is_escaped):
    return serialize(envelope, sort_keys=False, is_escaped=is_escaped).encode()


@pytest.fixture
def bought(shop):
    shop.product("ring", 1)
    return purchase(shop, ring=1)


@pytest.mark.parametrize("vector", VECTORS["webhook"], ids=lambda vector: vector["note"])
def test_a_body_is_checked_as_it_came_and_not_as_it_reads(shop, session, client, vector):
    """razorpay-node#96, #128, #131, #434; razorpay-python#121, #65; razorpay-magento PR#251"""
    secret, body = vector["webhook_secret"], vector["raw_body"].encode()
    headers = {"X-Razorpay-Signature": vector["signature"], "X-Razorpay-Event-Id": "vector"}
    again = json.dumps(json.loads(body), separators=(",", ":")).encode()
    assert again != body

    with account(razorpay_webhook_secret=SecretStr(secret)):
        raw = client.post("/webhooks/razorpay", data=body, headers=headers)
        rewritten = client.post("/webhooks/razorpay", data=again, headers=headers)

    assert (raw.status_code, rewritten.status_code) == (200, 400)
    assert values(session.execute(select(WebhookEvent.event_id, WebhookEvent.body))) == [
        ("vector", body)
    ]


@pytest.mark.parametrize("is_escaped", [True, False], ids=["escaped", "in plain UTF-8"])
def test_an_event_with_slashes_and_rupee_signs_pays_for_an_order(shop, session, bought, is_escaped):
    """razorpay-node#96: plain ASCII notes hide the fault"""
    told = bought.event("payment.captured", bought.pay())
    body = written(json.loads(told.body), is_escaped=is_escaped)
    marks = (rb"\u20b9", rb"\/") if is_escaped else ("\u20b9".encode(), b" / ")
    assert all(mark in body for mark in marks)

    assert shop.deliver(Delivery("TUoumpUn1znA6u", body)).status_code == 200
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert_sound(shop, session)


def test_the_checkouts_signature_is_the_one_that_others_computed(shop, session, bought):
    """razorpay-python#65"""
    vectors = VECTORS["checkout"]
    computed = [
        hmac.new(
            vector["key_secret"].encode(),
            f"{vector['order_id']}|{vector['payment_id']}".encode(),
            hashlib.sha256,
        ).hexdigest()
        for vector in vectors
    ]
    assert computed == [vector["signature"] for vector in vectors]

    triple = shop.gateway.pay(bought.opened["razorpay_order_id"])
    ours = hmac.new(
        Settings.key_secret.encode(),
        f"{triple['razorpay_order_id']}|{triple['razorpay_payment_id']}".encode(),
        hashlib.sha256,
    ).hexdigest()
    assert triple["razorpay_signature"] == ours
    assert bought.buyer.post("/api/v1/payments/verify", triple).status_code == 200
    bought.tell("payment.captured", triple["razorpay_payment_id"])
    shop.work()
    assert bought.status == ("confirmed", "captured")
    assert_sound(shop, session)


def verified(session):
    """The gateway's orders for which the browser brought a proof."""
    is_verified = Payment.verified_at.is_not(None)
    return list(session.scalars(select(Payment.gateway_order_id).where(is_verified)))


def test_the_signature_of_one_order_is_none_for_another(shop, session):
    """WordPress/wordcamp.org#1795"""
    shop.product("ring", 1, price=5_000_000)
    shop.product("stud", 1, price=10_000)
    buyer = shop.customer()
    dear, cheap = purchase(shop, buyer, ring=1), purchase(shop, buyer, stud=1)
    triple = shop.gateway.pay(cheap.opened["razorpay_order_id"])

    forged = buyer.post(
        "/api/v1/payments/verify",
        triple | {"razorpay_order_id": dear.opened["razorpay_order_id"]},
    )
    genuine = buyer.post("/api/v1/payments/verify", triple)
    cheap.tell("payment.captured", triple["razorpay_payment_id"])
    shop.work()

    assert (forged.status_code, forged.json["code"]) == (400, "invalid_signature")
    assert genuine.status_code == 200
    assert verified(session) == [cheap.opened["razorpay_order_id"]]
    assert dear.status == ("pending", "pending")
    assert cheap.status == ("confirmed", "captured")
    assert_sound(shop, session)


def test_what_the_browser_brings_confirms_nothing(shop, session, bought):
    """WordPress/wordcamp.org#1795: completed on the browser's word"""
    for outcome in ("failed", "authorized"):
        triple = shop.gateway.pay(bought.opened["razorpay_order_id"], outcome)
        assert bought.buyer.post("/api/v1/payments/verify", triple).status_code == 200
    shop.work()

    assert bought.status == ("pending", "pending")
    assert (shop.levels("ring").reserved, shop.on_hand("ring")) == (1, 1)
    assert_sound(shop, session)


def test_nobody_verifies_the_order_of_somebody_else(shop, session, bought):
    """WordPress/wordcamp.org#1795"""
    triple = shop.gateway.pay(bought.opened["razorpay_order_id"])

    strangers = shop.customer().post("/api/v1/payments/verify", triple)
    nobodys = shop.app.test_client().post("/api/v1/payments/verify", json=triple)

    assert (strangers.status_code, nobodys.status_code) == (404, 401)
    assert verified(session) == []
    bought.tell("payment.captured", triple["razorpay_payment_id"])
    shop.work()
    assert bought.status == ("confirmed", "captured")
    assert_sound(shop, session)


def test_an_event_that_only_says_that_it_is_razorpays_is_refused(shop, session, bought):
    """WooCommerce's handler answers 200 to a bad signature, and loses the event"""
    told = bought.event("payment.captured", bought.pay())

    forged = shop.deliver(told, X_Razorpay_Signature="0" * 64)
    tampered = replace(told, body=told.body.replace(b'"INR"', b'"USD"'))
    headers = told.headers()
    swapped = shop.app.test_client().post("/webhooks/razorpay", data=tampered.body, headers=headers)
    assert (forged.status_code, swapped.status_code, events(session)) == (400, 400, [])

    assert shop.deliver(told).status_code == 200
    shop.work()
    assert bought.status == ("confirmed", "captured")
    assert_sound(shop, session)
