"""
Money was captured: the order is confirmed and its stock deducted, or the money goes back.

Every capture ends in exactly one of the two, however late, often or out of order it is told.
"""

from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.carts import carts
from app.core import jobs
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import reservations, stock
from app.inventory.errors import InsufficientStock
from app.orders import orders
from app.orders.models import Order
from app.payments import payments, refunds
from app.payments.models import Payment, PaymentAttempt

log = structlog.get_logger(__name__)
ACTOR = "razorpay"


@dataclass(frozen=True, slots=True)
class Capture:
    """A captured try to pay, as Razorpay tells it."""

    razorpay_order_id: str
    razorpay_payment_id: str
    amount: int
    currency: str
    method: str | None


def complete_payment(capture: Capture) -> None:
    """
    Confirm the order of a capture, or refund the capture.

    Redis commits first, Postgres deducts, Redis settles. A crash anywhere leaves units that
    nobody can buy and a job that runs again; each step knows whether it was done.

    Raises:
        PaymentNotFound: the Razorpay order is not one of ours.
    """
    with transaction() as session:
        payment = payments.by_razorpay_order(session, capture.razorpay_order_id)
        order = orders.find(session, payment.order_id)
        quantities = orders.quantities(order)
        is_commit_due = order.status in orders.CONFIRMABLE and _fits(capture, payment)
    is_committed = is_commit_due and _commit(order.id, quantities)
    try:
        with transaction() as session:
            is_deducted = _conclude(session, order.id, capture, is_committed=is_committed)
    except InsufficientStock:
        # Redis promised what Postgres does not have: the last guard held, the payer is refunded.
        log.exception("stock.postgres_refused", order_id=str(order.id))
        with transaction() as session:
            is_deducted = _conclude(session, order.id, capture, is_committed=False)
    if is_deducted or is_committed:
        with transaction() as session:
            numbers = stock.on_hand(session, list(quantities))
        stock.settle(redis(), order.id, numbers)


def _commit(order_id: UUID, quantities: dict[str, int]) -> bool:
    try:
        reservations.commit(redis(), order_id, quantities)
    except InsufficientStock:
        return False
    return True


def _conclude(session: Session, order_id: UUID, capture: Capture, *, is_committed: bool) -> bool:
    """Decide under the order's lock; tells whether the order's units are deducted afterwards."""
    order = orders.lock(session, order_id)
    payment = payments.by_razorpay_order(session, capture.razorpay_order_id)
    attempt = payments.record_attempt(
        session,
        payment,
        razorpay_payment_id=capture.razorpay_payment_id,
        status="captured",
        amount=capture.amount,
        currency=capture.currency,
        method=capture.method,
    )
    if attempt.outcome is None:
        refusal = _refusal(order, payment, attempt, is_committed=is_committed)
        payment.status = order.payment_status = "captured"
        if refusal is None:
            _confirm(session, order, attempt)
        else:
            log.warning("payment.sent_back", order_id=str(order.id), reason=refusal)
            refunds.request(session, attempt, reason=refusal)
    return order.status not in orders.CONFIRMABLE


def _refusal(
    order: Order, payment: Payment, attempt: PaymentAttempt, *, is_committed: bool
) -> str | None:
    """Tell why a capture cannot pay for the order, or None where it does."""
    if order.status not in orders.CONFIRMABLE:
        return "second_capture"
    if (attempt.amount, attempt.currency) != (payment.amount, payment.currency):
        return "amount_mismatch"
    if not is_committed:
        return "sold_out"
    return None


def _confirm(session: Session, order: Order, attempt: PaymentAttempt) -> None:
    attempt.outcome = "kept"
    orders.move(session, order, "confirmed", actor=ACTOR, reason="payment captured")
    stock.deduct(session, order.id, orders.quantities(order), actor=ACTOR)
    reservations.resolve(session, order.id, "committed")
    if order.is_from_cart:
        units = {line.product_id: line.quantity for line in order.lines}
        carts.take_bought(session, order.user_id, units)
    jobs.stage(session, "mail.send_order_confirmed", order_id=str(order.id))


def _fits(capture: Capture, payment: Payment) -> bool:
    return (capture.amount, capture.currency) == (payment.amount, payment.currency)
