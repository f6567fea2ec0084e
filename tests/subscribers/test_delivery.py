"""Events reach those who asked for them: signed, and once."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from standardwebhooks import Webhook, WebhookVerificationError

from app.core import jobs
from app.core.db import transaction
from app.core.ids import made_at, new_id
from app.subscribers.models import Subscriber
from tests.subscribers.desk import happen, pass_time, told
from tests.subscribers.receiver import answers
from workers.announcements import spread
from workers.drain import drain


def verified(secret, message):
    return Webhook(secret).verify(message.body, message.headers)


def test_an_event_arrives_signed_and_says_what_happened_to_what(desk, receiver):
    subscriber = desk.register(receiver.url, "order.shipped")

    order = happen("order.shipped")
    drain("hooks")

    (message,) = receiver.messages
    body = verified(subscriber["secret"], message)
    assert body == {
        "type": "order.shipped",
        "timestamp": body["timestamp"],
        "data": {"id": str(order)},
    }
    happened_at = datetime.fromisoformat(body["timestamp"])
    assert timedelta(0) <= datetime.now(UTC) - happened_at < timedelta(minutes=1)
    assert message.path == "/hooks?from=ora"
    assert message.headers["Content-Type"] == "application/json"
    assert message.headers["Host"] == receiver.url.split("/")[2]
    assert message.headers["User-Agent"] == "ORA-Webhooks/1"


def test_the_signature_is_what_the_specification_says(desk, receiver):
    secret = desk.register(receiver.url)["secret"]

    happen("refund.processed")
    drain("hooks")

    (message,) = receiver.messages
    headers = message.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + message.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert len(key) == 32


@pytest.mark.parametrize("change", ["body", "webhook-id", "webhook-timestamp"])
def test_a_message_that_somebody_changed_is_refused_by_its_receiver(desk, receiver, change):
    secret = desk.register(receiver.url)["secret"]
    happen("order.shipped")
    drain("hooks")
    (message,) = receiver.messages

    if change == "body":
        message.body = message.body.replace(b"shipped", b"stopped")
    else:
        message.headers[change] = str(int(datetime.now(UTC).timestamp()) + 1)

    with pytest.raises(WebhookVerificationError):
        verified(secret, message)


@pytest.mark.parametrize(
    ("wanted", "arriving"),
    [
        (["*"], ["order.shipped", "order.expired", "stock.low"]),
        (["order.*"], ["order.shipped", "order.expired"]),
        (["order.expired", "order.*"], ["order.shipped", "order.expired"]),
        (["stock.low", "order.expired"], ["order.expired", "stock.low"]),
        (["refund.*"], []),
    ],
)
def test_a_subscriber_is_told_what_it_asked_for_and_nothing_else(desk, receiver, wanted, arriving):
    desk.register(receiver.url, *wanted)

    happen("order.shipped", "order.expired", "stock.low")
    drain("hooks")

    assert [json.loads(message.body)["type"] for message in receiver.messages] == arriving


def test_an_event_that_is_spread_again_is_told_once_to_each(desk, receiver, session):
    for _ in range(2):
        desk.register(receiver.url)
    order, event_id = new_id(), new_id()

    for _ in range(3):
        spread("order.shipped", str(order), str(event_id))
        drain("hooks")

    assert receiver.ids == [str(event_id)] * 2
    assert told(session) == [("order.shipped", "delivered", 1)] * 2


def test_what_happens_twice_to_the_same_is_told_twice(desk, receiver):
    desk.register(receiver.url)

    product = happen("stock.low")
    happen("stock.low", subject=product)
    drain("hooks")

    assert len(set(receiver.ids)) == 2
    assert {message.body.count(str(product).encode()) for message in receiver.messages} == {1}


def test_nobody_is_told_of_what_was_undone(desk, receiver, session):
    desk.register(receiver.url)

    def fail():
        with transaction() as inner:
            jobs.stage(inner, "announcements.spread", event="order.shipped", subject=str(new_id()))
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    drain("announcements")
    drain("hooks")

    assert told(session) == []


def test_a_secret_that_is_replaced_signs_beside_the_new_one_for_a_while(desk, receiver, session):
    subscriber = desk.register(receiver.url)

    rotated = desk.do(subscriber, "secret", {"overlap_hours": 2}).json
    happen("order.shipped")
    drain("hooks")
    session.execute(update(Subscriber).values(previous_secret_until=func.now()))
    happen("order.delivered")
    drain("hooks")

    during, after = receiver.messages
    old, new = subscriber["secret"], rotated["secret"]
    assert old != new
    assert verified(old, during) == verified(new, during)
    assert verified(new, after)["type"] == "order.delivered"
    with pytest.raises(WebhookVerificationError):
        verified(old, after)


def test_each_subscriber_has_a_secret_of_its_own_which_the_database_does_not_have(
    desk, receiver, session
):
    secrets = {desk.register(receiver.url)["secret"] for _ in range(3)}

    assert len(secrets) == 3
    rows = [str(row) for row in session.execute(select(Subscriber.__table__))]
    assert not any(secret.removeprefix("whsec_") in row for secret in secrets for row in rows)


def test_a_ping_goes_to_one_subscriber_whatever_it_asked_for(desk, receiver):
    subscriber = desk.register(receiver.url, "stock.low")
    desk.register(receiver.url, "*", name="another")

    response = desk.do(subscriber, "ping")
    drain("hooks")

    (message,) = receiver.messages
    assert response.status_code == 202
    assert verified(subscriber["secret"], message)["type"] == "ping"
    assert message.headers["webhook-id"] == response.json["event_id"]


def test_deliveries_are_made_again_one_or_many_under_the_ids_they_had(desk, receiver, session):
    subscriber = desk.register(receiver.url)
    happen("order.shipped", "order.delivered")
    drain("hooks")
    ids = [one["id"] for one in desk.deliveries(subscriber)]

    response = desk.do(subscriber, "replay", {"delivery_ids": ids})
    drain("hooks")

    assert (response.status_code, response.json) == (202, {"replayed": 2})
    assert sorted(receiver.ids[:2]) == sorted(receiver.ids[2:])
    assert told(session) == [
        ("order.shipped", "delivered", 1),
        ("order.delivered", "delivered", 1),
    ]


def test_what_failed_for_good_can_be_made_again(desk, receiver, session):
    subscriber = desk.register(receiver.url)
    receiver.reply(*[answers(500)] * 12)
    happen("order.shipped")
    for _ in range(12):
        drain("hooks")
        pass_time(session)
    (failed,) = desk.deliveries(subscriber, "?status=failed")

    desk.do(subscriber, "replay", {"delivery_ids": [failed["id"]]})
    drain("hooks")

    assert told(session) == [("order.shipped", "delivered", 1)]


def test_made_at_tells_when_an_id_was_made():
    before = datetime.now(UTC) - timedelta(milliseconds=1)

    assert before <= made_at(new_id()) <= datetime.now(UTC)
