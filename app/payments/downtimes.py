"""Downtimes: ways to pay that gateways say do not work well at the moment."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.payments.models import Downtime
from app.payments.terms import DowntimeNews

ENDED = ("resolved", "cancelled")
# Whose end was never told is over by then.
LONGEST = timedelta(days=2)


def record(session: Session, gateway: str, news: DowntimeNews) -> None:
    """Write a downtime; one that ended stays ended, whatever comes late."""
    ended_at = news.ended_at or (datetime.now(UTC) if news.status in ENDED else None)
    written = insert(Downtime).values(
        gateway_downtime_id=news.gateway_downtime_id,
        gateway=gateway,
        method=news.method,
        severity=news.severity,
        instrument=news.instrument,
        began_at=news.began_at,
        ended_at=ended_at,
    )
    session.execute(
        written.on_conflict_do_update(
            index_elements=["gateway_downtime_id"],
            set_={
                "severity": written.excluded.severity,
                "ended_at": func.coalesce(Downtime.ended_at, written.excluded.ended_at),
            },
        )
    )


def current(session: Session, gateway: str) -> Sequence[Downtime]:
    """List what does not work well now, as far as the gateway told."""
    return session.scalars(
        select(Downtime)
        .where(
            Downtime.gateway == gateway,
            (Downtime.ended_at.is_(None)) | (Downtime.ended_at > func.now()),
            func.coalesce(Downtime.began_at, func.now()) > func.now() - LONGEST,
            func.coalesce(Downtime.began_at, func.now()) <= func.now(),
        )
        .order_by(Downtime.began_at, Downtime.gateway_downtime_id)
    ).all()
