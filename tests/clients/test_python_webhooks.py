"""The Python client believes what the shop has signed, and nothing else."""

import json
from datetime import UTC, datetime

import pytest
from ora_client import BadSignatureError, verify
from standardwebhooks import Webhook

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
BODY = json.dumps(
    {"type": "order.shipped", "timestamp": "2026-11-25T12:00:00.000Z", "data": {"id": "1"}}
).encode()
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def signed(secret=SECRET, at=NOW, event_id="msg_1"):
    return {
        "Webhook-Id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(event_id, at, BODY.decode()),
    }


def read(headers, body=BODY, seconds=0):
    return verify(SECRET, headers, body, now_seconds=NOW.timestamp() + seconds)


def test_what_the_shop_signed_is_read():
    event = read(signed())

    assert (event.id, event.type, event.data) == ("msg_1", "order.shipped", {"id": "1"})


def test_either_of_two_signatures_will_do_while_a_secret_is_changed():
    both = f"{signed(OTHER)['webhook-signature']} {signed()['webhook-signature']}"

    assert read(signed() | {"webhook-signature": both}).type == "order.shipped"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": signed(OTHER)["webhook-signature"]},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": ""},
        {"Webhook-Id": "msg_2"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
    ],
)
def test_what_was_changed_is_not_believed(change):
    with pytest.raises(BadSignatureError):
        read(signed() | change)


def test_what_has_no_signature_is_not_believed():
    with pytest.raises(BadSignatureError):
        read({})


def test_another_body_is_not_believed():
    with pytest.raises(BadSignatureError):
        read(signed(), BODY.replace(b"shipped", b"expired"))


@pytest.mark.parametrize("seconds", [301, -301])
def test_what_is_not_of_now_is_not_believed(seconds):
    with pytest.raises(BadSignatureError):
        read(signed(), seconds=seconds)
    assert read(signed(), seconds=seconds // 301 * 299).id == "msg_1"


def test_a_secret_that_is_none_is_said_to_be_none():
    with pytest.raises(ValueError, match="secret"):
        verify("whsec_a", signed(), BODY, now_seconds=NOW.timestamp())
