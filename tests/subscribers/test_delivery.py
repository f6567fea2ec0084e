"""Events reach those who asked for them: signed, once, and again where they did not arrive."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from standardwebhooks import Webhook, WebhookVerificationError

from app.alerts.models import Alert
from app.core import jobs
from app.core.db import transaction
from app.core.ids import made_at, new_id
from app.core.jobs import Job
from app.subscribers import courier, deliver, deliveries
from app.subscribers.models import Delivery, Subscriber
from tests.builders import values
from tests.subscribers.desk import SUBSCRIBERS, happen, pass_time, told, tries
from tests.subscribers.receiver import answers, hangs, receiving
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

    product = happen("stock.changed")
    happen("stock.changed", subject=product)
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
    drain("mail")
    drain("hooks")

    assert told(session) == []


def test_a_receiver_in_trouble_gets_the_same_message_again_until_it_takes_it(
    desk, receiver, session
):
    subscriber = desk.register(receiver.url)
    receiver.reply(answers(500, b"out of order"), answers(503), answers(200, b"taken"))

    happen("order.shipped")
    for _ in range(3):
        drain("hooks")
        drain("hooks")
        pass_time(session)

    assert len(set(receiver.ids)) == 1
    assert len({message.body for message in receiver.messages}) == 1
    for message in receiver.messages:
        verified(subscriber["secret"], message)
    assert told(session) == [("order.shipped", "delivered", 3)]
    log = desk.log(subscriber)
    assert [(one["http_status"], one["answer"], one["error"]) for one in log] == [
        (500, "out of order", None), (503, "", None), (200, "taken", None),
    ]  # fmt: skip
    assert desk.show(subscriber)["failing_since"] is None


def test_a_receiver_that_is_down_is_called_again_after_growing_pauses_for_three_days(desk, session):
    with receiving() as gone:
        subscriber = desk.register(gone.url)
    happen("order.shipped")
    pauses = []

    for _ in range(len(deliveries.PAUSES) + 3):
        drain("hooks")
        due = select(Delivery.due_at - func.now()).where(Delivery.status == "pending")
        pauses += [round(pause / timedelta(minutes=1), 1) for pause in session.scalars(due)]
        pass_time(session)

    assert pauses == [0.1, 1, 5, 30, 120, 360, 720, 720, 720, 720, 720]
    assert timedelta(days=2.5) < sum(deliveries.PAUSES, timedelta(0)) < timedelta(days=3)
    assert told(session) == [("order.shipped", "failed", 12)]
    assert {error for _, error in tries(session)} == {"no connection: Connection refused"}
    assert desk.show(subscriber)["is_enabled"]


def test_one_event_that_is_refused_does_not_keep_the_others(desk, receiver, session):
    desk.register(receiver.url)
    receiver.reply(answers(400))

    happen("order.shipped", "order.expired", "order.delivered")
    drain("hooks")

    assert told(session) == [
        ("order.shipped", "pending", 1),
        ("order.expired", "delivered", 1),
        ("order.delivered", "delivered", 1),
    ]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 304, 404])
def test_what_is_no_success_has_not_arrived_and_leads_nowhere_else(desk, receiver, session, status):
    with receiving() as elsewhere:
        desk.register(receiver.url)
        receiver.reply(answers(status, Location=elsewhere.url))

        happen("order.shipped")
        drain("hooks")

        assert elsewhere.messages == []
    assert told(session) == [("order.shipped", "pending", 1)]
    assert tries(session) == [(status, None)]


def test_a_subscriber_that_failed_for_days_is_disabled_and_a_person_is_told(
    desk, receiver, session
):
    subscriber = desk.register(receiver.url)
    receiver.reply(answers(500), answers(500))
    happen("order.shipped")
    drain("hooks")
    session.execute(update(Subscriber).values(failing_since=func.now() - timedelta(days=5)))
    pass_time(session)

    drain("hooks")

    shown = desk.show(subscriber)
    assert (shown["is_enabled"], shown["disabled_because"]) == (False, "it failed for 5 days")
    assert values(session.execute(select(Alert.kind, Alert.subject, Alert.detail))) == [
        (
            "subscriber_disabled",
            subscriber["id"],
            "the ERP is told nothing any more: it failed for 5 days",
        )
    ]
    pass_time(session)
    happen("order.delivered")
    drain("hooks")
    assert told(session) == [("order.shipped", "pending", 2)]


def test_one_that_says_it_is_gone_is_disabled_at_once(desk, receiver):
    subscriber = desk.register(receiver.url)
    receiver.reply(answers(410))

    happen("order.shipped", "order.delivered")
    drain("hooks")

    assert len(receiver.messages) == 1
    assert desk.show(subscriber)["disabled_because"] == "it answered 410, Gone"


def test_one_that_is_enabled_again_is_told_what_was_pending_and_its_alert_is_closed(
    desk, receiver, session
):
    subscriber = desk.register(receiver.url)
    receiver.reply(answers(410))
    happen("order.shipped")
    drain("hooks")

    assert desk.do(subscriber, "enable").json["is_enabled"] is True
    drain("hooks")

    assert told(session) == [("order.shipped", "delivered", 2)]
    (closed_by,) = session.scalars(select(Alert.closed_by))
    assert closed_by == "staff"


def test_a_new_address_is_told_at_once_what_the_old_one_did_not_take(desk, receiver, session):
    with receiving() as gone:
        subscriber = desk.register(gone.url)
    happen("order.shipped")
    drain("hooks")

    changed = {"name": "the new ERP", "url": receiver.url, "events": ["stock.low"]}
    response = desk.boss.put(f"{SUBSCRIBERS}/{subscriber['id']}", changed)
    drain("hooks")

    assert response.json | changed == response.json
    assert told(session) == [("order.shipped", "delivered", 2)]


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


def test_a_call_is_made_outside_of_every_transaction(desk, session, monkeypatch):
    subscriber = desk.register("http://127.0.0.1:1/")
    looked = []

    def look(*_, **__):
        # Whoever wants the row has it at once.
        with transaction() as inner:
            query = select(Subscriber.id).with_for_update(nowait=True)
            looked.append(str(inner.scalars(query).one()))
        return courier.Answer(200, "")

    monkeypatch.setattr(courier, "post", look)
    happen("order.shipped")
    drain("hooks")

    assert looked == [subscriber["id"]]


def test_a_subscriber_is_called_once_at_a_time(desk, session, monkeypatch):
    desk.register("http://127.0.0.1:1/")
    calls = []

    def call_while_called(*_, **__):
        calls.append(1)
        if len(calls) == 1:
            happen("order.delivered")
            drain("hooks")
            assert len(calls) == 1
        return courier.Answer(200, "")

    monkeypatch.setattr(courier, "post", call_while_called)
    happen("order.shipped")
    drain("hooks")

    assert told(session) == [("order.shipped", "delivered", 1), ("order.delivered", "delivered", 1)]


def test_a_worker_that_died_in_a_call_leaves_it_to_be_made_again(desk, receiver, session):
    subscriber = desk.register(receiver.url)
    happen("order.shipped")
    with transaction() as inner:
        assert deliveries.claim(inner, UUID(subscriber["id"])) is not None

    drain("hooks")
    assert receiver.messages == []
    session.execute(update(Subscriber).values(rests_until=func.now()))
    session.execute(update(Job).values(done_at=None, due_at=func.now()))
    drain("mail")
    drain("hooks")

    assert told(session) == [("order.shipped", "delivered", 1)]


def test_a_silent_subscriber_rests_so_that_the_others_have_their_turn(
    desk, receiver, session, monkeypatch
):
    monkeypatch.setattr(courier, "CALL_SECONDS", 0.2)
    monkeypatch.setattr(deliveries, "QUICK", timedelta(seconds=0.1))
    with receiving() as silent:
        silent.reply(*[hangs] * 10)
        desk.register(silent.url, name="the silent one")
        for _ in range(10):
            happen("order.shipped")
        desk.register(receiver.url, name="the quick one")
        happen("order.delivered")

        drain("hooks")

        assert len(silent.messages) == 1
    assert len(receiver.messages) == 1
    resting = select(Subscriber.rests_until > func.now()).order_by(Subscriber.name)
    assert session.scalars(resting).all() == [False, True]
    assert tries(session) == [(None, "no answer in time"), (204, None)]


def test_the_longer_nobody_answers_the_longer_a_subscriber_rests(desk, session):
    with receiving() as gone:
        desk.register(gone.url)
    happen("order.shipped")
    rests = []
    for hours in (0, 0.2, 48):
        since = func.now() - timedelta(hours=hours)
        session.execute(update(Subscriber).values(failing_since=since))
        pass_time(session)
        drain("hooks")
        rest = session.scalars(select(Subscriber.rests_until - func.now())).one()
        rests.append(round(rest / timedelta(minutes=1)))

    assert rests == [0, 3, 15]


def test_a_backlog_is_sent_in_turns_so_that_the_others_are_not_kept(
    desk, receiver, session, monkeypatch
):
    busy = desk.register(receiver.url, "order.shipped", name="the busy one")
    desk.register(receiver.url, "order.delivered", name="the other one")
    moments = count(step=deliver.TURN_SECONDS / 4)
    monkeypatch.setattr(deliver, "time", SimpleNamespace(monotonic=lambda: next(moments)))

    happen(*["order.shipped"] * 4, "order.delivered")
    drain("hooks")

    assert [json.loads(message.body)["type"] for message in receiver.messages] == [
        "order.shipped", "order.delivered",
    ]  # fmt: skip
    for _ in range(3):
        pass_time(session)
        drain("hooks")
    assert len(desk.deliveries(busy, "?status=delivered")) == 4


def test_made_at_tells_when_an_id_was_made():
    before = datetime.now(UTC) - timedelta(milliseconds=1)

    assert before <= made_at(new_id()) <= datetime.now(UTC)
