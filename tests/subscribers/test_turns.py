"""Subscribers have their turns: one call at a time each, and nobody keeps the others."""

import json
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from uuid import UUID

from sqlalchemy import func, select, update

from app.core.db import transaction
from app.core.jobs import Job
from app.subscribers import courier, deliver, deliveries
from app.subscribers.models import Subscriber
from tests.subscribers.desk import happen, pass_time, told, tries
from tests.subscribers.receiver import hangs, receiving
from workers.drain import drain


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


def test_while_a_delivery_is_in_hand_nobody_else_gets_one(desk):
    subscriber_id = UUID(desk.register("http://127.0.0.1:1/")["id"])
    happen("order.shipped", "order.delivered")

    with transaction() as one:
        in_hand = deliveries.claim(one, subscriber_id)
    with transaction() as another:
        nothing = deliveries.claim(another, subscriber_id)

    assert (in_hand is not None, nothing) == (True, None)


def test_a_worker_that_died_in_a_call_leaves_it_to_be_made_again(desk, receiver, session):
    subscriber = desk.register(receiver.url)
    happen("order.shipped")
    with transaction() as inner:
        assert deliveries.claim(inner, UUID(subscriber["id"])) is not None

    drain("hooks")
    assert receiver.messages == []
    session.execute(update(Subscriber).values(rests_until=func.now()))
    session.execute(update(Job).values(done_at=None, due_at=func.now()))
    drain("announcements")
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
