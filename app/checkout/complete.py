"""
Money was captured: the order is confirmed and its stock deducted, or the money goes back.

Every capture ends in exactly one of the two, however late, often or out of order it is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from app.carts import carts
from app.checkout import claims
from app.core import jobs
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import ledger, reservations
from app.inventory.errors import InsufficientStock, PurchaseLimitExceeded
from app.inventory.terms import Booking, Claim
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


@dataclass(frozen=True, slots=True)
class Commit:
    """What became of committing the units in Redis: each line's epoch, or why there are none."""

    epochs: Mapping[str, int] | None = None
    refusal: str = "sold_out"


def complete_payment(capture: Capture) -> None:
    """
    Confirm the order of a capture, or refund the capture.

    Redis commits first, Postgres deducts, Redis settles. A crash anywhere leaves units that
    nobody can buy and a job that runs again; each step knows whether it was done.

    Raises:
        PaymentNotFound: the Razorpay order is not one of ours.
        StaleEpoch: Redis was told anew between commit and deduction; run again.
    """
    with transaction() as session:
        payment = payments.by_razorpay_order(session, capture.razorpay_order_id)
        order = orders.find(session, payment.order_id)
        claim = claims.of_order(order)
        is_commit_due = order.status in orders.CONFIRMABLE and _fits(capture, payment)
    commit = _commit(claim) if is_commit_due else Commit()
    try:
        with transaction() as session:
            is_deducted = _conclude(session, claim, capture, commit)
    except InsufficientStock:
        # Redis promised what Postgres does not have: the last guard held, the payer is refunded.
        log.exception("stock.postgres_refused", order_id=str(order.id))
        with transaction() as session:
            is_deducted = _conclude(session, claim, capture, Commit())
    if is_deducted or commit.epochs is not None:
        with transaction() as session:
            numbers = ledger.numbers(session, list(claim.units), buyer=claim.buyer)
        ledger.settle(redis(), claim, numbers)


def _commit(claim: Claim) -> Commit:
    try:
        return Commit(reservations.commit(redis(), claim))
    except InsufficientStock:
        return Commit()
    except PurchaseLimitExceeded:
        return Commit(refusal="purchase_limit")


def _conclude(session: Session, claim: Claim, capture: Capture, commit: Commit) -> bool:
    """Decide under the order's lock; tells whether the order's units are deducted afterwards."""
    order = orders.lock(session, claim.id)
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
        refusal = _refusal(order, payment, attempt, commit)
        payment.status = order.payment_status = "captured"
        if refusal is None:
            _confirm(session, order, attempt, claim, commit.epochs or {})
        else:
            log.warning("payment.sent_back", order_id=str(order.id), reason=refusal)
            refunds.request(session, attempt, reason=refusal)
    return order.status not in orders.CONFIRMABLE


def _refusal(order: Order, payment: Payment, attempt: PaymentAttempt, commit: Commit) -> str | None:
    """Tell why a capture cannot pay for the order, or None where it does."""
    if order.status not in orders.CONFIRMABLE:
        return "second_capture"
    if (attempt.amount, attempt.currency) != (payment.amount, payment.currency):
        return "amount_mismatch"
    return commit.refusal if commit.epochs is None else None


def _confirm(
    session: Session,
    order: Order,
    attempt: PaymentAttempt,
    claim: Claim,
    epochs: Mapping[str, int],
) -> None:
    attempt.outcome = "kept"
    orders.move(session, order, "confirmed", actor=ACTOR, reason="payment captured")
    booking = Booking(f"sale:{order.id}", ACTOR, order_id=order.id)
    ledger.deduct(session, redis(), claim, epochs, booking)
    reservations.resolve(session, order.id, "committed")
    if order.is_from_cart:
        units = {line.product_id: line.quantity for line in order.lines}
        carts.take_bought(session, order.user_id, units)
    jobs.stage(session, "mail.send_order_confirmed", order_id=str(order.id))


def _fits(capture: Capture, payment: Payment) -> bool:
    return (capture.amount, capture.currency) == (payment.amount, payment.currency)
