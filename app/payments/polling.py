"""Asking again: what stays open is asked about at growing intervals."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.payments.models import Payment, Refund

# Webhooks come within seconds, so that asking is for those that do not come at all.
FIRST_POLL = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
# Doubled so often, the first pause is far above the longest.
MOST_DOUBLINGS = 12

Polled = TypeVar("Polled", Payment, Refund)


def take_due(session: Session, table: type[Polled], *, limit: int) -> Sequence[Polled]:
    """Take up to ``limit`` rows whose time has come; each is due again after its next pause."""
    due = (
        select(table.id)
        .where(table.next_poll_at <= func.now())
        .order_by(table.next_poll_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    doubled = FIRST_POLL * func.power(2, func.least(table.polls, MOST_DOUBLINGS))
    return session.scalars(
        update(table)
        .where(table.id.in_(due))
        .values(polls=table.polls + 1, next_poll_at=func.now() + func.least(doubled, LONGEST_PAUSE))
        .returning(table)
        .execution_options(synchronize_session=False)
    ).all()


def give_back(session: Session, table: type[Polled], ids: Sequence[UUID]) -> None:
    """Make rows due again that were taken and not asked about, for the gateway does not answer."""
    session.execute(
        update(table)
        .where(table.id.in_(ids))
        .values(polls=table.polls - 1, next_poll_at=func.now())
        .execution_options(synchronize_session=False)
    )
