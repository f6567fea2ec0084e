"""Disputes: a payer's bank wants a capture back, and decides."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.pages import Page, newest_first
from app.payments.models import Dispute, PaymentAttempt
from app.payments.terms import DisputeNews

# News come in any order, so a dispute only moves forward.
_RANK = {"open": 0, "under_review": 1, "won": 2, "lost": 2, "closed": 2}
OPEN = ("open", "under_review")


def record(session: Session, attempt: PaymentAttempt, news: DisputeNews) -> tuple[Dispute, bool]:
    """
    Write what a gateway says of a dispute about a locked try; tells also whether that is new.

    What the bank took counts as lost of the capture, so that nobody refunds it once more.
    """
    dispute = session.get(Dispute, news.gateway_dispute_id)
    is_new = dispute is None
    if dispute is None:
        dispute = Dispute(
            gateway_dispute_id=news.gateway_dispute_id,
            gateway_payment_id=attempt.gateway_payment_id,
            status=news.status,
            amount=news.amount,
            amount_deducted=0,
            currency=news.currency,
        )
        if news.created_at is not None:
            dispute.created_at = news.created_at
        session.add(dispute)
    if _RANK[news.status] < _RANK[dispute.status]:
        return dispute, False
    is_moved = is_new or news.status != dispute.status
    dispute.status, dispute.amount = news.status, news.amount
    dispute.phase = news.phase or dispute.phase
    dispute.reason = news.reason or dispute.reason
    dispute.respond_by = news.respond_by or dispute.respond_by
    attempt.amount_lost += news.amount_deducted - dispute.amount_deducted
    dispute.amount_deducted = news.amount_deducted
    session.flush()
    return dispute, is_moved


def is_open(session: Session, gateway_payment_id: str) -> bool:
    """Tell whether a try is disputed at the moment."""
    query = select(Dispute.gateway_dispute_id).where(
        Dispute.gateway_payment_id == gateway_payment_id, Dispute.status.in_(OPEN)
    )
    return session.scalars(query.limit(1)).one_or_none() is not None


def of_attempt(session: Session, gateway_payment_id: str) -> Sequence[Dispute]:
    """List the disputes about a try, the first one first."""
    query = select(Dispute).where(Dispute.gateway_payment_id == gateway_payment_id)
    return session.scalars(query.order_by(Dispute.created_at)).all()


def page(session: Session, *, status: str | None, limit: int, cursor: str | None) -> Page[Dispute]:
    """List disputes, the newest first."""
    query = select(Dispute)
    if status is not None:
        query = query.where(Dispute.status == status)
    at, key = Dispute.created_at, Dispute.gateway_dispute_id
    return newest_first(session, query, at, key, limit=limit, cursor=cursor)
