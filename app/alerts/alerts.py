"""Alerts: raised once, told by mail and metric, closed when over."""

from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.alerts.errors import AlertNotFound
from app.alerts.models import Alert
from app.core import jobs
from app.core.ids import new_id
from app.core.pages import Page, newest_first

log = structlog.get_logger(__name__)

LONGEST_DETAIL = 500
KINDS = (
    "amount_mismatch",
    "dispute",
    "event_failed",
    "job_refused",
    "poll_refused",
    "reconciliation",
    "refund_failed",
    "refund_stuck",
    "subscriber_disabled",
)


def sound(session: Session, kind: str, subject: str, detail: str) -> None:
    """Raise an alert, which a mail to the admins tells; one that is open already stays as it is."""
    assert kind in KINDS, f"{kind} is no kind of alert"  # noqa: S101
    alert_id = session.scalar(
        insert(Alert)
        .values(id=new_id(), kind=kind, subject=subject, detail=detail[:LONGEST_DETAIL])
        .on_conflict_do_nothing()
        .returning(Alert.id)
    )
    if alert_id is not None:
        log.error("alert", kind=kind, subject=subject, detail=detail)
        jobs.stage(session, "mail.send_alert", alert_id=str(alert_id))


def close(session: Session, kind: str, subject: str, *, by: str) -> None:
    """Close an alert whose cause is over, if it is open."""
    session.execute(
        update(Alert)
        .where(Alert.kind == kind, Alert.subject == subject, Alert.closed_at.is_(None))
        .values(closed_at=func.now(), closed_by=by)
    )


def find(session: Session, alert_id: UUID) -> Alert:
    """
    Find an alert.

    Raises:
        AlertNotFound: there is none.
    """
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise AlertNotFound
    return alert


def dismiss(session: Session, alert_id: UUID, *, by: str) -> Alert:
    """
    Close an alert that somebody has looked at; closed once, it stays as it was closed.

    Raises:
        AlertNotFound: there is none.
    """
    alert = find(session, alert_id)
    session.execute(
        update(Alert)
        .where(Alert.id == alert_id, Alert.closed_at.is_(None))
        .values(closed_at=func.now(), closed_by=by)
    )
    session.refresh(alert)
    return alert


def page(
    session: Session,
    *,
    is_open: bool | None,
    kind: str | None = None,
    limit: int,
    cursor: str | None,
) -> Page[Alert]:
    """List alerts, the newest first."""
    query = select(Alert)
    if is_open is not None:
        # Written as the index of the open ones has it.
        query = query.where(Alert.closed_at.is_(None) if is_open else Alert.closed_at.is_not(None))
    if kind is not None:
        query = query.where(Alert.kind == kind)
    return newest_first(session, query, Alert.created_at, Alert.id, limit=limit, cursor=cursor)


def open_by_kind(session: Session) -> dict[str, int]:
    """Count the open alerts of each kind."""
    rows = session.execute(
        select(Alert.kind, func.count()).where(Alert.closed_at.is_(None)).group_by(Alert.kind)
    )
    found = {kind: count for kind, count in rows}  # noqa: C416 - rows, not pairs
    return {kind: found.get(kind, 0) for kind in KINDS}
