"""Refunds: written, asked of Razorpay, ended."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import jobs
from app.core.ids import new_id, read_id
from app.payments.models import PaymentAttempt, Refund


def request(session: Session, attempt: PaymentAttempt, *, reason: str) -> None:
    """Send a whole capture back, once; a job asks Razorpay after the commit."""
    attempt.outcome = "refunded"
    session.flush()
    refund_id = session.scalar(
        insert(Refund)
        .values(
            id=new_id(),
            razorpay_payment_id=attempt.razorpay_payment_id,
            amount=attempt.amount,
            status="pending",
            reason=reason,
            reference=f"whole:{attempt.razorpay_payment_id}",
        )
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(Refund.id)
    )
    if refund_id is not None:
        jobs.stage(session, "payments.refund", refund_id=str(refund_id))


def find(session: Session, refund_id: UUID) -> Refund:
    """Find a refund that is known to be there."""
    return session.scalars(select(Refund).where(Refund.id == refund_id)).one()


def follow(session: Session, entity: dict[str, Any]) -> Refund | None:
    """
    Write what Razorpay says of a refund; None for one that we did not ask for.

    A refund that was processed or failed stays so.
    """
    known = Refund.razorpay_refund_id == entity["id"]
    receipt = read_id(entity.get("receipt"))
    if receipt is not None:
        # Its webhook may overtake the answer to our request, which alone tells us its id.
        known = known | ((Refund.id == receipt) & Refund.razorpay_refund_id.is_(None))
    refund = session.scalars(select(Refund).where(known).with_for_update()).one_or_none()
    if refund is None:
        return None
    refund.razorpay_refund_id = entity["id"]
    if refund.status == "pending":
        refund.status = entity["status"]
    return refund
