"""Deliveries: what each subscriber is to be told, when it is tried, and what came of it."""

import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.ids import made_at, new_id
from app.core.pages import Page, newest_first
from app.subscribers import subscribers
from app.subscribers.courier import Answer
from app.subscribers.errors import DeliveryNotFound, SubscriberDisabled
from app.subscribers.events import names_for
from app.subscribers.models import Delivery, DeliveryTry, Subscriber

PING = "ping"
# Pauses between two tries: short ones at first, then for three days in all.
PAUSES = tuple(
    timedelta(minutes=minutes) for minutes in (0.1, 1, 5, 30, 120, 360, 720, 720, 720, 720, 720)
)
# A subscriber from whom nothing but failures came back for so long is disabled.
FAILS_FOR = timedelta(days=5)
# A subscriber that keeps us waiting rests four times as long, so that it takes up no more than a
# fifth of a worker; one that does not answer at all rests longer the longer that lasts.
QUICK = timedelta(seconds=1)
RESTS_TIMES = 4
LONGEST_REST = timedelta(minutes=15)
BETWEEN_TURNS = timedelta(seconds=1)
# Longer than a call takes with every time-out at its worst.
LEASE = timedelta(seconds=60)
OK = range(200, 300)
GONE = 410
# Whether it is one or many is what matters; there may be a month of them.
MOST_COUNTED = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """How deliveries to a subscriber go: how many wait and failed, up to MOST_COUNTED."""

    pending: int
    failed: int
    # When the newest one arrived that did.
    delivered_at: datetime | None


def tell(session: Session, event: str, subject: UUID, event_id: UUID) -> None:
    """Write an event down for all who want to hear of it; told again, it is the same."""
    wanted = select(Subscriber.id).where(
        Subscriber.disabled_at.is_(None), Subscriber.events.overlap(names_for(event))
    )
    rows = [
        {"id": new_id(), "subscriber_id": subscriber_id, "event_id": event_id, "event": event,
         "subject": subject}
        for subscriber_id in session.scalars(wanted)
    ]  # fmt: skip
    if rows:
        written = insert(Delivery).on_conflict_do_nothing().returning(Delivery.subscriber_id)
        for subscriber_id in session.scalars(written, rows).all():
            subscribers.wake(session, subscriber_id)


def ping(session: Session, subscriber: Subscriber) -> Delivery:
    """
    Send a locked subscriber an event that says nothing, to try the way.

    Raises:
        SubscriberDisabled: nothing is sent to it.
    """
    _refuse_disabled(subscriber)
    delivery = Delivery(
        id=new_id(),
        subscriber_id=subscriber.id,
        event_id=new_id(),
        event=PING,
        subject=subscriber.id,
    )
    session.add(delivery)
    session.flush()
    session.refresh(delivery)
    subscribers.wake(session, subscriber.id)
    return delivery


def body_of(delivery: Delivery) -> str:
    """Write what is sent, the same at every try: what happened, when, and to what."""
    happened_at = made_at(delivery.event_id).isoformat(timespec="milliseconds")
    told = {
        "type": delivery.event,
        "timestamp": happened_at.replace("+00:00", "Z"),
        "data": {"id": str(delivery.subject)},
    }
    return json.dumps(told, separators=(",", ":"))


def claim(session: Session, subscriber_id: UUID) -> tuple[Subscriber, Delivery] | None:
    """
    Take the delivery that has waited longest; None where there is none to take now.

    A subscriber is called once at a time, and not while it rests.

    Raises:
        SubscriberNotFound: it was removed.
    """
    subscriber = subscribers.lock(session, subscriber_id)
    now = subscribers.moment(session)
    rests = subscriber.rests_until is not None and now < subscriber.rests_until
    if rests or subscriber.disabled_at is not None:
        return None
    delivery = session.scalars(
        select(Delivery)
        .where(
            Delivery.subscriber_id == subscriber_id,
            Delivery.status == "pending",
            Delivery.due_at <= now,
        )
        .order_by(Delivery.due_at)
        .limit(1)
    ).one_or_none()
    if delivery is None:
        return None
    # Until its answer is noted; if nobody comes back, until the lease is over.
    subscriber.rests_until = now + LEASE
    return subscriber, delivery


def note(
    session: Session, tried: Delivery, *, answer: Answer | None, error: str | None, took: timedelta
) -> None:
    """
    Write down what came of a try, and have the turns come that follow from it.

    Raises:
        SubscriberNotFound, DeliveryNotFound: it was removed meanwhile.
    """
    subscriber = subscribers.lock(session, tried.subscriber_id)
    delivery = find(session, subscriber.id, tried.id)
    now = subscribers.moment(session)
    session.add(
        DeliveryTry(
            delivery_id=delivery.id,
            took_ms=took // timedelta(milliseconds=1),
            http_status=None if answer is None else answer.status,
            answer=None if answer is None else answer.text,
            error=error,
        )
    )
    delivery.tries += 1
    if answer is not None and answer.status in OK:
        delivery.status, delivery.delivered_at = "delivered", now
        subscriber.failing_since = None
    else:
        subscriber.failing_since = failing_since = subscriber.failing_since or now
        if delivery.tries > len(PAUSES):
            delivery.status = "failed"
        else:
            delivery.due_at = now + PAUSES[delivery.tries - 1]
            _wake_in(session, subscriber, delivery.due_at - now)
        _give_up_where_hopeless(session, subscriber, answer, failed_for=now - failing_since)
    silent_for = None if answer is not None else now - (subscriber.failing_since or now)
    rest = _rest(took, silent_for)
    subscriber.rests_until = now + rest
    if rest:
        _wake_in(session, subscriber, rest)


def end_turn(session: Session, subscriber_id: UUID) -> None:
    """
    Let a subscriber rest who had its turn and may have more to be sent.

    Each event has brought a turn of its own; those that come in the rest pass at once.

    Raises:
        SubscriberNotFound: it was removed meanwhile.
    """
    subscriber = subscribers.lock(session, subscriber_id)
    rested_at = subscribers.moment(session) + BETWEEN_TURNS
    subscriber.rests_until = max(subscriber.rests_until or rested_at, rested_at)
    _wake_in(session, subscriber, BETWEEN_TURNS)


def find(session: Session, subscriber_id: UUID, delivery_id: UUID) -> Delivery:
    """
    Find a delivery to a subscriber.

    Raises:
        DeliveryNotFound: there is none, or it is another one's.
    """
    delivery = session.get(Delivery, delivery_id)
    if delivery is None or delivery.subscriber_id != subscriber_id:
        raise DeliveryNotFound
    return delivery


def show(session: Session, subscriber_id: UUID, delivery_id: UUID) -> Delivery:
    """
    Find a delivery with its tries.

    Raises:
        DeliveryNotFound: there is none, or it is another one's.
    """
    delivery = find(session, subscriber_id, delivery_id)
    session.refresh(delivery, ["log"])
    return delivery


def page(
    session: Session, subscriber_id: UUID, *, status: str | None, limit: int, cursor: str | None
) -> Page[Delivery]:
    """List what is delivered to a subscriber, the newest first."""
    query = select(Delivery).where(Delivery.subscriber_id == subscriber_id)
    if status is not None:
        query = query.where(Delivery.status == status)
    at, key = Delivery.created_at, Delivery.id
    return newest_first(session, query, at, key, limit=limit, cursor=cursor)


def outcomes(session: Session, subscriber_ids: Collection[UUID]) -> Mapping[UUID, Outcome]:
    """Tell of subscribers how deliveries to them go."""
    newest = select(Delivery.delivered_at).where(*_of_each("delivered"))
    newest = newest.order_by(Delivery.created_at.desc(), Delivery.id.desc()).limit(1)
    query = select(
        Subscriber.id, _counted("pending"), _counted("failed"),
        newest.correlate(Subscriber).scalar_subquery(),
    ).where(Subscriber.id.in_(subscriber_ids))  # fmt: skip
    return {row[0]: Outcome(*row[1:]) for row in session.execute(query)}


def _counted(status: str) -> ScalarSelect[int]:
    some = select(Delivery.id).where(*_of_each(status)).limit(MOST_COUNTED)
    found = some.correlate(Subscriber).subquery()
    return select(func.count()).select_from(found).scalar_subquery()


def _of_each(status: str) -> tuple[ColumnElement[bool], ...]:
    return Delivery.subscriber_id == Subscriber.id, Delivery.status == status


def replay(session: Session, subscriber: Subscriber, delivery_ids: Sequence[UUID]) -> int:
    """
    Deliver again, all of them or none, under the ids they had; tells how many.

    Raises:
        DeliveryNotFound: naming those that are not this subscriber's.
        SubscriberDisabled: nothing is sent to it.
    """
    _refuse_disabled(subscriber)
    found = session.scalars(
        update(Delivery)
        .where(Delivery.subscriber_id == subscriber.id, Delivery.id.in_(delivery_ids))
        .values(status="pending", tries=0, due_at=func.now(), delivered_at=None)
        .returning(Delivery.id)
    ).all()
    missing = sorted(set(delivery_ids) - set(found))
    if missing:
        raise DeliveryNotFound(delivery_ids=[str(each) for each in missing])
    subscribers.wake(session, subscriber.id)
    return len(found)


def forget(session: Session, *, older_than: timedelta, limit: int) -> int:
    """Forget old deliveries and their tries; tells how many, up to ``limit``."""
    return _forget(session, Delivery.created_at < func.now() - older_than, limit)


def forget_of(session: Session, subscriber_id: UUID, *, limit: int) -> int:
    """Forget deliveries to a subscriber; tells how many, up to ``limit``."""
    return _forget(session, Delivery.subscriber_id == subscriber_id, limit)


def _forget(session: Session, which: ColumnElement[bool], limit: int) -> int:
    old = select(Delivery.id).where(which).limit(limit)
    gone = session.scalars(delete(Delivery).where(Delivery.id.in_(old)).returning(Delivery.id))
    return len(gone.all())


def _give_up_where_hopeless(
    session: Session, subscriber: Subscriber, answer: Answer | None, *, failed_for: timedelta
) -> None:
    if subscriber.disabled_at is not None:
        return
    if answer is not None and answer.status == GONE:
        subscribers.give_up(session, subscriber, "it answered 410, Gone")
    elif failed_for >= FAILS_FOR:
        subscribers.give_up(session, subscriber, f"it failed for {FAILS_FOR.days} days")


def _rest(took: timedelta, silent_for: timedelta | None) -> timedelta:
    """Tell how long nothing is sent after a call that took so long."""
    rest = RESTS_TIMES * took if took > QUICK else timedelta(0)
    if silent_for is not None:
        rest = max(rest, silent_for / RESTS_TIMES)
    return min(rest, LONGEST_REST)


def _wake_in(session: Session, subscriber: Subscriber, pause: timedelta) -> None:
    subscribers.wake(session, subscriber.id, delay=math.ceil(pause.total_seconds()))


def _refuse_disabled(subscriber: Subscriber) -> None:
    if subscriber.disabled_at is not None:
        raise SubscriberDisabled
