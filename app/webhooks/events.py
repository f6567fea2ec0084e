"""Events of the inbox: read by the gateway that sent them, taken as news, and ended."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import structlog
from sqlalchemy.orm import Session

from app.core import origin, points
from app.core.db import transaction
from app.payments import payments
from app.payments.errors import (
    AttemptNotFound,
    IgnoredEventError,
    MalformedEventError,
    PaymentNotFound,
)
from app.payments.gateway import gateway
from app.payments.terms import AttemptNews
from app.treasury import news
from app.webhooks import inbox
from app.webhooks.models import WebhookEvent

log = structlog.get_logger(__name__)


def process(event_id: str) -> None:
    """
    Do what a stored event asks for; done again, it changes nothing.

    A malformed event and one about somebody else's order are recorded as such and left: trying
    again would not help. Anything else that fails raises, so that the job is tried again.
    """
    with transaction() as session:
        row = session.get(WebhookEvent, event_id)
        if row is None or row.status != "received":
            return
        _name_order(session, row)
    try:
        status, note = _handle(row)
    except Exception as error:
        inbox.note_failure(event_id, repr(error))
        raise
    points.reached("event.before-mark")
    log.info("webhook.done", event_id=event_id, kind=row.event, status=status, note=note)
    with transaction() as session:
        row = session.get_one(WebhookEvent, event_id)
        row.status, row.note, row.processed_at = status, note, datetime.now(UTC)
        if status == "failed":
            inbox.tell_of_failure(session, row)


def process_together(event_ids: Collection[str]) -> set[str]:
    """
    Do what stored events ask for, as far as they can share their transactions.

    Returns those that are ended. The others are for `process`, one by one: they are about something
    else than tries to pay, or cannot be read, or one of them stood in the way of the rest.
    """
    with transaction() as session:
        rows = inbox.waiting(session, event_ids)
        told = {row.event_id: _shared(row) for row in rows}
        names = {news.gateway_order_id for each in told.values() for news in each}
        known = payments.order_ids(session, names)
    together = {
        event_id: each
        for event_id, each in told.items()
        if each and all(news.gateway_order_id in known for news in each)
    }
    if together:
        news.take_together([one for each in together.values() for one in each])
        points.reached("event.before-mark")
        log.info("webhooks.done", event_ids=list(together))
        with transaction() as session:
            inbox.end(session, together)
    return {event_id for event_id in event_ids if event_id not in told} | together.keys()


def _shared(row: WebhookEvent) -> Sequence[AttemptNews]:
    """Read what an event tells, if that is nothing but what can be taken together with others."""
    try:
        told = gateway(row.gateway).read_event(row.body)
    except (IgnoredEventError, MalformedEventError):
        return []
    shared = [one for one in told if isinstance(one, AttemptNews)]
    are_shared = len(shared) == len(told) and not any(
        news.is_alone(row.gateway, one) for one in shared
    )
    return shared if are_shared else []


def _name_order(session: Session, row: WebhookEvent) -> None:
    """Name the order that an event is about in all that is logged from here on."""
    if row.gateway_order_id is not None:
        for order_id in payments.order_ids(session, {row.gateway_order_id}).values():
            origin.name_order(order_id)


def _handle(row: WebhookEvent) -> tuple[str, str | None]:
    try:
        for told in gateway(row.gateway).read_event(row.body):
            news.take(row.gateway, told)
    except (PaymentNotFound, AttemptNotFound):
        return "ignored", "not an order of this shop"
    except IgnoredEventError as error:
        return "ignored", str(error)
    except MalformedEventError as error:
        return "failed", str(error)
    return "processed", None
