"""What gateways told, as staff look it up and have it worked again."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, defer

from app.core import jobs
from app.core.db import transaction
from app.core.pages import Page, newest_first
from app.core.texts import storable
from app.webhooks.errors import EventNotFound
from app.webhooks.models import WebhookEvent


def find(session: Session, event_id: str) -> WebhookEvent:
    """
    Find an event.

    Raises:
        EventNotFound: there is none.
    """
    row = None if storable(event_id) is None else session.get(WebhookEvent, event_id)
    if row is None:
        raise EventNotFound
    return row


def page(
    session: Session, *, status: str | None, failing: bool, limit: int, cursor: str | None
) -> Page[WebhookEvent]:
    """List events, the newest first; of one status, or those that were tried in vain."""
    query = select(WebhookEvent)
    if status is not None:
        query = query.where(WebhookEvent.status == status)
    if failing:
        query = query.where(WebhookEvent.status == "received", WebhookEvent.tries > 0)
    at, key = WebhookEvent.received_at, WebhookEvent.event_id
    return newest_first(session, query, at, key, limit=limit, cursor=cursor)


def of_gateway_orders(
    session: Session, gateway_order_ids: Collection[str]
) -> Sequence[WebhookEvent]:
    """List what gateways told of their orders, the first event first, without what came."""
    query = select(WebhookEvent).options(defer(WebhookEvent.body, raiseload=True))
    mine = query.where(WebhookEvent.gateway_order_id.in_(gateway_order_ids))
    return session.scalars(mine.order_by(WebhookEvent.received_at, WebhookEvent.event_id)).all()


def replay(event_ids: Sequence[str]) -> None:
    """
    Have events worked again from the beginning, all of them or none; each story knows what it did.

    Raises:
        EventNotFound: naming those that are not in the inbox.
    """
    with transaction() as session:
        possible = list(filter(storable, event_ids))
        known = select(WebhookEvent.event_id).where(WebhookEvent.event_id.in_(possible))
        missing = sorted(set(event_ids) - set(session.scalars(known)))
        if missing:
            raise EventNotFound(event_ids=missing)
        for event_id in dict.fromkeys(event_ids):
            session.execute(
                update(WebhookEvent)
                .where(WebhookEvent.event_id == event_id)
                .values(status="received", tries=0, note=None, processed_at=None)
            )
            jobs.stage(session, "webhooks.process", event_id=event_id)


def prune(*, older_than_days: int, limit: int) -> int:
    """
    Forget events that ended so long ago; tells how many, up to ``limit`` of them.

    What failed waits for a person, however old it is.
    """
    with transaction() as session:
        old = (
            select(WebhookEvent.event_id)
            .where(
                WebhookEvent.status.in_(["processed", "ignored"]),
                WebhookEvent.received_at < func.now() - timedelta(days=older_than_days),
            )
            .limit(limit)
        )
        gone = session.scalars(
            delete(WebhookEvent)
            .where(WebhookEvent.event_id.in_(old))
            .returning(WebhookEvent.event_id)
        )
        return len(gone.all())
