"""Payments: asked for, tried, captured."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.ids import new_id
from app.payments.errors import PaymentNotFound
from app.payments.models import Payment, PaymentAttempt

# Webhooks come within seconds, so that asking is for those that do not come at all.
FIRST_POLL = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
# Banks authorise a payment that seemed lost up to five days later.
LATEST_AUTHORISATION = timedelta(days=5)

# A try only moves forward, except that a failed one may still be authorised or captured late.
_RANK = {"failed": 0, "authorized": 1, "captured": 2}


def prepare(session: Session, order_id: UUID, *, amount: int, currency: str) -> Payment:
    """Find the order's one payment, or write it; calls at the same time get the same one."""
    session.execute(
        insert(Payment)
        .values(id=new_id(), order_id=order_id, amount=amount, currency=currency, status="created")
        .on_conflict_do_nothing(index_elements=["order_id"])
    )
    return session.scalars(select(Payment).where(Payment.order_id == order_id)).one()


def attach(session: Session, payment_id: UUID, razorpay_order_id: str) -> Payment:
    """Give a payment its Razorpay order, unless another call was first; returns what holds."""
    session.execute(
        update(Payment)
        .where(Payment.id == payment_id, Payment.razorpay_order_id.is_(None))
        .values(razorpay_order_id=razorpay_order_id, next_poll_at=func.now() + FIRST_POLL)
    )
    return session.scalars(select(Payment).where(Payment.id == payment_id)).one()


def due_to_poll(session: Session, *, limit: int) -> Sequence[str]:
    """
    Take up to ``limit`` payments that Razorpay is to be asked about; returns its orders' ids.

    Each is asked about at a growing interval until a capture pays for its order, or until no late
    authorisation can come any more.
    """
    kept = exists().where(PaymentAttempt.payment_id == Payment.id, PaymentAttempt.outcome == "kept")
    is_over = kept | (Payment.created_at < func.now() - LATEST_AUTHORISATION)
    is_due = Payment.next_poll_at <= func.now()
    session.execute(
        update(Payment)
        .where(is_due, is_over)
        .values(next_poll_at=None)
        .execution_options(synchronize_session=False)
    )
    due = (
        select(Payment.id)
        .where(is_due)
        .order_by(Payment.next_poll_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    pause = func.least(FIRST_POLL * func.power(2, Payment.polls), LONGEST_PAUSE)
    taken = session.scalars(
        update(Payment)
        .where(Payment.id.in_(due))
        .values(polls=Payment.polls + 1, next_poll_at=func.now() + pause)
        .returning(Payment.razorpay_order_id)
        .execution_options(synchronize_session=False)
    )
    return [order_id for order_id in taken if order_id is not None]


def by_razorpay_order(session: Session, razorpay_order_id: str) -> Payment:
    """
    Find the payment that a Razorpay order is for.

    Raises:
        PaymentNotFound: the Razorpay order is not one of ours.
    """
    payment = session.scalars(
        select(Payment).where(Payment.razorpay_order_id == razorpay_order_id)
    ).one_or_none()
    if payment is None:
        raise PaymentNotFound
    return payment


def mark_verified(payment: Payment) -> None:
    """Remember that the payer's browser brought Razorpay's signature."""
    payment.verified_at = payment.verified_at or datetime.now(UTC)


def record_attempt(
    session: Session,
    payment: Payment,
    *,
    razorpay_payment_id: str,
    status: str,
    amount: int,
    currency: str,
    method: str | None,
    error_reason: str | None = None,
) -> PaymentAttempt:
    """
    Write what Razorpay says of one try; the order's row has to be locked.

    Events come in any order, so a try never falls back: a failure after its capture is old news.
    """
    attempt = session.get(PaymentAttempt, razorpay_payment_id)
    if attempt is None:
        attempt = PaymentAttempt(
            razorpay_payment_id=razorpay_payment_id, payment_id=payment.id, status=status,
            amount=amount, currency=currency, method=method, error_reason=error_reason,
        )  # fmt: skip
        session.add(attempt)
    elif _RANK[status] > _RANK[attempt.status]:
        attempt.status, attempt.amount, attempt.currency = status, amount, currency
        attempt.method = method or attempt.method
        attempt.error_reason = error_reason
    return attempt


def follow(payment: Payment, attempt: PaymentAttempt) -> bool:
    """Move the payment on to its attempt's status; False where it is further already."""
    if payment.status in ("captured", "refunded"):
        return False
    if payment.status == "authorized" and attempt.status == "failed":
        return False
    payment.status = attempt.status
    return True


def of_attempt(session: Session, razorpay_payment_id: str) -> Payment:
    """Find the payment that a try belongs to."""
    return session.scalars(
        select(Payment)
        .join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id)
        .where(PaymentAttempt.razorpay_payment_id == razorpay_payment_id)
    ).one()
