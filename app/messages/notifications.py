"""Notifications: what customers are told, once each, in their account and by mail."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import jobs
from app.core.pages import Page, newest_first
from app.core.problems import NotFound
from app.messages import facts, wording
from app.messages.errors import NotificationNotFound
from app.messages.models import Notification

log = structlog.get_logger(__name__)

LONGEST_ERROR = 500


def tell(session: Session, event: str, subject: UUID, announcement_id: UUID) -> None:
    """Tell the customer of an event that has words, in the account and by mail; once."""
    if not wording.is_known(event):
        return
    try:
        found = facts.find(session, event, subject)
    except NotFound:
        # Whoever else listens is not to wait for it.
        log.warning("notification.of_nothing", announced=event, subject=str(subject))
        return
    words = wording.put(event, order=found.order, **found.more)
    written = session.scalar(
        insert(Notification)
        .values(
            id=announcement_id,
            user_id=found.order.user_id,
            event=event,
            subject=subject,
            order_id=found.order.id,
            title=words.subject,
            text=words.paragraphs[0],
        )
        .on_conflict_do_nothing()
        .returning(Notification.id)
    )
    if written is not None:
        jobs.stage(session, "mail.send_notification", notification_id=str(written))


def find(session: Session, notification_id: UUID, *, user_id: UUID | None = None) -> Notification:
    """
    Find a notification.

    Raises:
        NotificationNotFound: there is none, or it is not ``user_id``'s.
    """
    query = select(Notification).where(Notification.id == notification_id)
    if user_id is not None:
        query = query.where(Notification.user_id == user_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotificationNotFound
    return found


def page(
    session: Session, user_id: UUID, *, is_unread: bool | None, limit: int, cursor: str | None
) -> Page[Notification]:
    """List a customer's notifications, the newest first."""
    query = select(Notification).where(Notification.user_id == user_id)
    if is_unread is not None:
        query = query.where(Notification.read_at.is_(None) == is_unread)
    at, key = Notification.created_at, Notification.id
    return newest_first(session, query, at, key, limit=limit, cursor=cursor)


def of_order(session: Session, user_id: UUID, order_id: UUID) -> Sequence[Notification]:
    """List what a customer was told of an order, the first thing first."""
    mine = select(Notification).where(Notification.user_id == user_id)
    query = mine.where(Notification.order_id == order_id).order_by(Notification.created_at)
    return session.scalars(query).all()


def unread(session: Session, user_id: UUID) -> int:
    """Count what a customer has not read."""
    query = select(func.count()).select_from(Notification)
    mine = query.where(Notification.user_id == user_id, Notification.read_at.is_(None))
    return session.scalars(mine).one()


def read(session: Session, user_id: UUID, notification_id: UUID | None = None) -> None:
    """Note that a customer has read one, or all; read once, it keeps its time."""
    query = update(Notification).where(
        Notification.user_id == user_id, Notification.read_at.is_(None)
    )
    if notification_id is not None:
        query = query.where(Notification.id == notification_id)
    session.execute(query.values(read_at=func.now()))


def note_undeliverable(session: Session, notification_id: UUID, error: str) -> None:
    """Write down why a mail can never arrive."""
    session.execute(
        update(Notification)
        .where(Notification.id == notification_id)
        .values(mail_error=error[:LONGEST_ERROR])
    )


def forget(session: Session, *, older_than: timedelta, limit: int) -> int:
    """Forget up to ``limit`` notifications that were read so long ago; tells how many."""
    old = select(Notification.id).where(Notification.read_at < func.now() - older_than).limit(limit)
    rows = session.scalars(
        delete(Notification).where(Notification.id.in_(old)).returning(Notification.id)
    )
    return len(rows.all())
