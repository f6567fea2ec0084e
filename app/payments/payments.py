"""Payments: money asked for an order, and how far that came."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.ids import new_id
from app.core.pages import Page, newest_first
from app.payments import polling
from app.payments.errors import AttemptNotFound, PaymentNotFound
from app.payments.models import Payment, PaymentAttempt

# Banks authorise a payment that seemed lost up to five days later.
LATEST_AUTHORISATION = timedelta(days=5)
# What a payment is once its money has come; from there refunds alone move it on.
PAID = ("captured", "partially_refunded", "refunded")


def prepare(
    session: Session, order_id: UUID, *, gateway: str, amount: int, currency: str
) -> Payment:
    """Find the order's one payment at a gateway, or write it; calls at once get the same one."""
    session.execute(
        insert(Payment)
        .values(
            id=new_id(), order_id=order_id, gateway=gateway, amount=amount, currency=currency,
            status="created",
        )
        .on_conflict_do_nothing(index_elements=["order_id", "gateway"])
    )  # fmt: skip
    query = select(Payment).where(Payment.order_id == order_id, Payment.gateway == gateway)
    return session.scalars(query).one()


def attach(
    session: Session, payment_id: UUID, gateway_order_id: str, *, is_polled: bool
) -> Payment:
    """Give a payment its gateway's order, unless another call was first; returns what holds."""
    session.execute(
        update(Payment)
        .where(Payment.id == payment_id, Payment.gateway_order_id.is_(None))
        .values(
            gateway_order_id=gateway_order_id,
            next_poll_at=func.now() + polling.FIRST_POLL if is_polled else None,
        )
    )
    return session.scalars(select(Payment).where(Payment.id == payment_id)).one()


def due_to_poll(session: Session, *, limit: int) -> Sequence[Payment]:
    """
    Take up to ``limit`` payments that their gateways are to be asked about.

    Each is asked about at a growing interval until a capture of its own pays for the order, or
    until no late authorisation can come any more.
    """
    is_paid = exists().where(
        PaymentAttempt.payment_id == Payment.id, PaymentAttempt.outcome == "kept"
    )
    is_over = is_paid | (Payment.created_at < func.now() - LATEST_AUTHORISATION)
    session.execute(
        update(Payment)
        .where(Payment.next_poll_at <= func.now(), is_over)
        .values(next_poll_at=None)
        .execution_options(synchronize_session=False)
    )
    return polling.take_due(session, Payment, limit=limit)


def order_ids(session: Session, gateway_order_ids: Collection[str]) -> dict[str, UUID]:
    """Tell which orders the orders of gateways are for; those of others are left out."""
    columns = Payment.gateway_order_id, Payment.order_id
    rows = session.execute(select(*columns).where(Payment.gateway_order_id.in_(gateway_order_ids)))
    return {str(gateway_order_id): order_id for gateway_order_id, order_id in rows}


def by_gateway_orders(session: Session, gateway_order_ids: Collection[str]) -> dict[str, Payment]:
    """
    Find the payments that orders of gateways are for.

    Raises:
        PaymentNotFound: one of those is not for an order of ours.
    """
    query = select(Payment).where(Payment.gateway_order_id.in_(gateway_order_ids))
    found = {str(payment.gateway_order_id): payment for payment in session.scalars(query)}
    if len(found) < len(set(gateway_order_ids)):
        raise PaymentNotFound
    return found


def by_gateway_order(session: Session, gateway_order_id: str) -> Payment:
    """
    Find the payment that a gateway's order is for.

    Raises:
        PaymentNotFound: the gateway's order is not one of ours.
    """
    return _one(session, Payment.gateway_order_id == gateway_order_id)


def find(session: Session, payment_id: UUID) -> Payment:
    """
    Find a payment.

    Raises:
        PaymentNotFound: there is none.
    """
    return _one(session, Payment.id == payment_id)


def of_attempt(session: Session, gateway_payment_id: str) -> Payment:
    """
    Find the payment that a try belongs to.

    Raises:
        AttemptNotFound: the try is not one of the shop's.
    """
    payment = session.scalars(
        select(Payment)
        .join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id)
        .where(PaymentAttempt.gateway_payment_id == gateway_payment_id)
    ).one_or_none()
    if payment is None:
        raise AttemptNotFound
    return payment


def of_order(session: Session, order_id: UUID) -> Sequence[Payment]:
    """List an order's payments, one a gateway, the oldest first."""
    query = select(Payment).where(Payment.order_id == order_id).order_by(Payment.created_at)
    return session.scalars(query).all()


def _one(session: Session, condition: object) -> Payment:
    payment = session.scalars(select(Payment).where(condition)).one_or_none()  # type: ignore[arg-type]
    if payment is None:
        raise PaymentNotFound
    return payment


def page(session: Session, *, status: str | None, limit: int, cursor: str | None) -> Page[Payment]:
    """List payments, the newest first."""
    query = select(Payment)
    if status is not None:
        query = query.where(Payment.status == status)
    return newest_first(session, query, Payment.created_at, Payment.id, limit=limit, cursor=cursor)


def mark_verified(payment: Payment) -> None:
    """Remember that the gateway vouched for what the payer's browser brought."""
    payment.verified_at = payment.verified_at or datetime.now(UTC)


def lower_promise(session: Session, order_id: UUID, amount: int) -> bool:
    """
    Ask ``amount`` paise less at the door than the payer of a locked order promised.

    Returns False where nothing is left to ask for, so that the promise is over.
    """
    row = session.execute(
        select(Payment, PaymentAttempt)
        .join(PaymentAttempt, PaymentAttempt.payment_id == Payment.id)
        .where(
            Payment.order_id == order_id,
            Payment.status == "authorized",
            PaymentAttempt.status == "authorized",
        )
    ).one_or_none()
    if row is None:
        return False
    payment, attempt = row
    if amount < payment.amount:
        payment.amount -= amount
        attempt.amount -= amount
        return True
    payment.status, attempt.status = "failed", "lapsed"
    return False


def fail(session: Session, payment_id: UUID) -> None:
    """Give up a payment that nothing has come of."""
    session.execute(
        update(Payment)
        .where(Payment.id == payment_id, Payment.status == "created")
        .values(status="failed")
    )


def follow(payment: Payment, attempt: PaymentAttempt) -> bool:
    """Move the payment on to its attempt's status; False where it is further already."""
    if payment.status in PAID or attempt.status in ("created", payment.status):
        return False
    if payment.status == "authorized" and attempt.status == "failed":
        return False
    payment.status = "failed" if attempt.status == "lapsed" else attempt.status
    return True
