"""Razorpay's signatures: those that others computed, and all that an outsider may send instead."""

import hashlib
import hmac
import json

import pytest

from app.payments.razorpay import Razorpay, is_signed_webhook
from app.payments.terms import Envelope

BODY = (
    rb'{"entity":"event","event":"payment.captured","payload":'
    rb'{"url":"https:\/\/shop.example\/o\/1","name":"\u20b9499 caf\u00e9"}}'
)
SECRET = "whsec_sandbox_0001"
SIGNATURE = "3fcf85e28c657c18e6de8f797ced720c4a047e3d4c141ab540ab2940e89e7ced"
CHECKOUT_SIGNATURE = "b2335e3b0801106b84a7faff035df56ecffde06918c9ddd1f0fafbb37a51cc89"

NO_SIGNATURES = pytest.mark.parametrize(
    "signature",
    [
        pytest.param("", id="none"),
        pytest.param("0" * 64, id="zeros"),
        pytest.param("a" * 100_000, id="overlong"),
        pytest.param("\u20b9" * 64, id="not ASCII"),
        pytest.param("\xe9" * 64, id="Latin-1"),
        pytest.param("\udcff" * 64, id="undecodable"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param("\x00" * 64, id="NUL"),
        pytest.param("sha256=" + "0" * 64, id="prefixed"),
    ],
)


@pytest.fixture
def signed_by_key_secret():
    gateway = Razorpay(
        key_id="rzp_test_nobody", key_secret="key_secret", base_url="http://127.0.0.1:9"
    )
    yield gateway
    gateway.close()


def is_signed(gateway, *, order="fake_order_id", payment="fake_payment_id", signature):
    return gateway.is_authentic({
        "razorpay_order_id": order, "razorpay_payment_id": payment, "razorpay_signature": signature,
    })  # fmt: skip


def test_a_payment_signed_by_razorpay_is_recognised(signed_by_key_secret):
    assert is_signed(signed_by_key_secret, signature=CHECKOUT_SIGNATURE)


@pytest.mark.parametrize(
    "ids",
    [
        {"order": "fake_order_idd"},
        {"payment": "another_payment_id"},
        {"order": "fake_payment_id", "payment": "fake_order_id"},
        {"order": "fake_order_id|fake_payment_id", "payment": ""},
    ],
    ids=["other order", "other payment", "swapped", "joined"],
)
def test_the_signature_of_one_payment_is_none_of_another(signed_by_key_secret, ids):
    assert not is_signed(signed_by_key_secret, signature=CHECKOUT_SIGNATURE, **ids)


@NO_SIGNATURES
def test_whatever_stands_in_a_payments_signature_is_refused(signed_by_key_secret, signature):
    assert is_signed(signed_by_key_secret, signature=signature) is False


def test_a_webhook_signed_by_razorpay_is_recognised():
    assert is_signed_webhook(BODY, SIGNATURE, [SECRET])


def test_a_body_that_was_parsed_and_written_again_is_refused():
    again = json.dumps(json.loads(BODY), separators=(",", ":")).encode()

    assert json.loads(again) == json.loads(BODY)
    assert is_signed_webhook(again, SIGNATURE, [SECRET]) is False


def test_a_webhook_signed_with_the_secret_before_is_recognised_while_it_is_known():
    assert is_signed_webhook(BODY, SIGNATURE, ["whsec_sandbox_0002", SECRET])
    assert is_signed_webhook(BODY, SIGNATURE, ["whsec_sandbox_0002"]) is False


def test_a_delivery_is_opened_while_its_secret_is_known():
    headers = {"X-Razorpay-Signature": SIGNATURE, "X-Razorpay-Event-Id": "evt00000000001"}

    opened = []
    for known in (["whsec_sandbox_0002", SECRET], ["whsec_sandbox_0002"]):
        gateway = Razorpay(
            key_id="rzp_test_nobody",
            key_secret="key_secret",
            base_url="http://127.0.0.1:9",
            webhook_secrets=known,
        )
        opened.append(gateway.open_envelope(BODY, headers))
        gateway.close()

    assert opened == [Envelope("evt00000000001", "payment.captured", None, is_paying=True), None]


def test_a_shop_without_a_secret_takes_no_webhook():
    unsigned = hmac.digest(b"", BODY, hashlib.sha256).hex()

    assert is_signed_webhook(BODY, unsigned, []) is False


def test_the_key_secret_signs_no_webhook():
    by_other_key = hmac.digest(b"key_secret", BODY, hashlib.sha256).hex()

    assert is_signed_webhook(BODY, by_other_key, [SECRET]) is False


@NO_SIGNATURES
def test_whatever_stands_in_a_webhooks_signature_is_refused(signature):
    assert is_signed_webhook(BODY, signature, [SECRET]) is False


def test_a_signature_in_capitals_is_refused():
    assert is_signed_webhook(BODY, SIGNATURE.upper(), [SECRET]) is False


@pytest.mark.parametrize(
    "change",
    [lambda whole: whole[:-1], lambda whole: whole[:8], lambda whole: f"{whole}0"],
    ids=["cut", "short", "longer"],
)
def test_a_part_of_a_signature_is_none(signed_by_key_secret, change):
    assert is_signed_webhook(BODY, change(SIGNATURE), [SECRET]) is False
    assert is_signed(signed_by_key_secret, signature=change(CHECKOUT_SIGNATURE)) is False
