"""What Razorpay told, as staff look it up and have it worked again."""

from collections.abc import Sequence

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from app.core import jobs
from app.core.db import transaction
from app.core.pages import encode_cursor, read_position
from app.webhooks import inbox
from app.webhooks.errors import EventNotFound
from app.webhooks.models import WebhookEvent


def find(session: Session, event_id: str) -> WebhookEvent:
    """
    Find an event.

    Raises:
        EventNotFound: there is none.
    """
    row = None if inbox.text(event_id) is None else session.get(WebhookEvent, event_id)
    if row is None:
        raise EventNotFound
    return row


def page(
    session: Session, *, status: str | None, failing: bool, limit: int, cursor: str | None
) -> tuple[Sequence[WebhookEvent], str | None]:
    """List events, the newest first; of one status, or those that were tried in vain."""
    at, order = WebhookEvent.received_at, WebhookEvent.event_id
    query = select(WebhookEvent).order_by(at.desc(), order.desc()).limit(limit + 1)
    if status is not None:
        query = query.where(WebhookEvent.status == status)
    if failing:
        query = query.where(WebhookEvent.status == "received", WebhookEvent.tries > 0)
    if cursor is not None:
        query = query.where(tuple_(at, order) < read_position(cursor))
    rows = session.scalars(query).all()
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], encode_cursor(last.received_at.isoformat(), last.event_id)


def replay(event_ids: Sequence[str]) -> None:
    """
    Have events worked again from the beginning, all of them or none; each story knows what it did.

    Raises:
        EventNotFound: naming those that are not in the inbox.
    """
    with transaction() as session:
        storable = list(filter(inbox.text, event_ids))
        known = select(WebhookEvent.event_id).where(WebhookEvent.event_id.in_(storable))
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
