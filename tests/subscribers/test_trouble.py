"""What did not arrive is sent again, until it did or there is nobody to take it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from standardwebhooks import Webhook

from app.alerts.models import Alert
from app.subscribers import deliveries
from app.subscribers.models import Delivery, Subscriber
from tests.builders import values
from tests.subscribers.desk import SUBSCRIBERS, happen, pass_time, told, tries
from tests.subscribers.receiver import answers, receiving
from workers.drain import drain


def verified(secret, message):
    return Webhook(secret).verify(message.body, message.headers)


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
