"""Subscribers: registered, changed, disabled where nobody answers any more."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.alerts import alerts
from app.config import Environment
from app.core import jobs
from app.core.ids import new_id
from app.core.pages import Page, newest_first
from app.core.problems import invalid
from app.subscribers.errors import SubscriberNotFound, TooManySubscribers
from app.subscribers.models import Delivery, Subscriber

DELIVER = "subscribers.deliver"
# Each event is looked up among them and written once for each.
MOST_SUBSCRIBERS = 100


def refuse_plain(url: str, env: Environment) -> None:
    """
    Let nobody outside read what a shop tells.

    Raises:
        ValidationFailed: an address of production that is called without TLS.
    """
    if env is Environment.PRODUCTION and url.startswith("http://"):
        raise invalid("#/url", "has to begin with https://")


def register(session: Session, *, name: str, url: str, events: list[str]) -> Subscriber:
    """
    Register a system that is to be told of events.

    Raises:
        TooManySubscribers: there are as many as there can be.
    """
    if (session.scalar(select(func.count()).select_from(Subscriber)) or 0) >= MOST_SUBSCRIBERS:
        raise TooManySubscribers
    subscriber = Subscriber(id=new_id(), name=name, url=url, events=events)
    session.add(subscriber)
    session.flush()
    session.refresh(subscriber)
    return subscriber


def find(session: Session, subscriber_id: UUID) -> Subscriber:
    """
    Find a subscriber.

    Raises:
        SubscriberNotFound: there is none.
    """
    return _one(session, subscriber_id, for_update=False)


def lock(session: Session, subscriber_id: UUID) -> Subscriber:
    """
    Find a subscriber and lock its row, so that one at a time has it in hand.

    Raises:
        SubscriberNotFound: there is none.
    """
    return _one(session, subscriber_id, for_update=True)


def page(session: Session, *, limit: int, cursor: str | None) -> Page[Subscriber]:
    """List subscribers, the newest first."""
    at, key = Subscriber.created_at, Subscriber.id
    return newest_first(session, select(Subscriber), at, key, limit=limit, cursor=cursor)


def change(
    session: Session, subscriber: Subscriber, *, name: str, url: str, events: list[str]
) -> Subscriber:
    """Change a locked subscriber; a new address begins with a clean sheet."""
    if url != subscriber.url:
        _begin_anew(session, subscriber)
    subscriber.name, subscriber.url, subscriber.events = name, url, events
    return subscriber


def disable(
    session: Session, subscriber: Subscriber, *, because: str = "a person did"
) -> Subscriber:
    """Tell a locked subscriber nothing any more."""
    if subscriber.disabled_at is None:
        subscriber.disabled_at, subscriber.disabled_because = moment(session), because
    return subscriber


def give_up(session: Session, subscriber: Subscriber, reason: str) -> None:
    """Disable a locked subscriber by which nothing arrives, and have a person told."""
    disable(session, subscriber, because=reason)
    detail = f"{subscriber.name} is told nothing any more: {reason}"
    alerts.sound(session, "subscriber_disabled", str(subscriber.id), detail)


def enable(session: Session, subscriber: Subscriber) -> Subscriber:
    """Tell a locked subscriber of events again."""
    subscriber.disabled_at = subscriber.disabled_because = None
    _begin_anew(session, subscriber)
    alerts.close(session, "subscriber_disabled", str(subscriber.id), by="staff")
    return subscriber


def wake(session: Session, subscriber_id: UUID, *, delay: int = 0) -> None:
    """Have a subscriber's turn come, at once or after so many seconds."""
    jobs.stage(session, DELIVER, delay=delay, subscriber_id=str(subscriber_id))


def _begin_anew(session: Session, subscriber: Subscriber) -> None:
    """Try at once what is pending, whatever came back until now."""
    subscriber.failing_since = subscriber.rests_until = None
    session.execute(
        update(Delivery)
        .where(Delivery.subscriber_id == subscriber.id, Delivery.status == "pending")
        .values(due_at=func.now())
    )
    wake(session, subscriber.id)


def rotate(session: Session, subscriber: Subscriber, *, overlap: timedelta) -> Subscriber:
    """Give a locked subscriber a new secret; the one before it signs too for a while."""
    subscriber.secret_generation += 1
    subscriber.previous_secret_until = moment(session) + overlap
    return subscriber


def remove(session: Session, subscriber: Subscriber) -> None:
    """Forget a locked subscriber, and what is left of its deliveries."""
    alerts.close(session, "subscriber_disabled", str(subscriber.id), by="staff")
    session.delete(subscriber)


def moment(session: Session) -> datetime:
    """Tell the time of this transaction, by the one clock that all of this goes by."""
    return session.scalars(select(func.now())).one()


def _one(session: Session, subscriber_id: UUID, *, for_update: bool) -> Subscriber:
    query = select(Subscriber).where(Subscriber.id == subscriber_id)
    if for_update:
        query = query.with_for_update().execution_options(populate_existing=True)
    subscriber = session.scalars(query).one_or_none()
    if subscriber is None:
        raise SubscriberNotFound
    return subscriber
