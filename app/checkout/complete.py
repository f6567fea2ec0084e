"""
Money was captured: it pays for an order, or it goes back.

Every capture ends in exactly one of the two, however late, often or out of order it is told.
"""

import structlog
from sqlalchemy.orm import Session

from app.alerts import alerts
from app.checkout import claims
from app.checkout.confirm import Commit, commit_units, confirm_order, settle_units
from app.core.db import transaction
from app.inventory.errors import InsufficientStock
from app.inventory.terms import Claim
from app.orders import orders
from app.orders.models import Order
from app.payments import attempts, payments, refunds
from app.payments.models import Payment, PaymentAttempt
from app.payments.terms import AttemptNews

log = structlog.get_logger(__name__)


def complete_payment(captured: AttemptNews) -> None:
    """
    Confirm the order of a capture, or send the capture back.

    Redis commits first, Postgres deducts, Redis settles. A crash anywhere leaves units that
    nobody can buy and a job that runs again; each step knows whether it was done.

    Raises:
        PaymentNotFound: the gateway's order is not one of ours.
        StaleEpoch: Redis was told anew between commit and deduction; run again.
    """
    with transaction() as session:
        payment = payments.by_gateway_order(session, captured.gateway_order_id)
        order = orders.find(session, payment.order_id)
        claim = claims.of_order(order)
        is_commit_due = (
            order.status in orders.CONFIRMABLE
            and _fits(captured, payment)
            and attempts.kept(session, order.id) is None
        )
    commit = commit_units(claim) if is_commit_due else Commit()
    try:
        with transaction() as session:
            is_deducted = _conclude(session, claim, captured, commit)
    except InsufficientStock:
        # Redis promised what Postgres does not have: the last guard held, the payer is refunded.
        log.exception("stock.postgres_refused", order_id=str(order.id))
        with transaction() as session:
            is_deducted = _conclude(session, claim, captured, Commit())
    if is_deducted or commit.epochs is not None:
        settle_units(claim)


def _conclude(session: Session, claim: Claim, captured: AttemptNews, commit: Commit) -> bool:
    """Decide under the order's lock; tells whether the order's units are deducted afterwards."""
    order = orders.lock(session, claim.id)
    payment = payments.by_gateway_order(session, captured.gateway_order_id)
    attempt = attempts.record(session, payment, captured)
    if attempt.outcome is None:
        refusal = _refusal(session, order, payment, attempt, commit)
        if refusal is None:
            _keep(session, order, payment, attempt, claim, commit)
        else:
            _send_back(session, order, payment, attempt, refusal)
    return order.status not in orders.CONFIRMABLE


def _refusal(
    session: Session, order: Order, payment: Payment, attempt: PaymentAttempt, commit: Commit
) -> str | None:
    """Tell why a capture cannot pay for the order, or None where it does."""
    if attempts.kept(session, order.id) is not None:
        return "second_capture"
    if not _fits(attempt, payment):
        return "amount_mismatch"
    if order.status in orders.CONFIRMABLE:
        return commit.refusal if commit.epochs is None else None
    # It was confirmed on the buyer's word, and here is the money.
    return None if order.pays_on_delivery else "second_capture"


def _keep(
    session: Session,
    order: Order,
    payment: Payment,
    attempt: PaymentAttempt,
    claim: Claim,
    commit: Commit,
) -> None:
    attempt.outcome = "kept"
    payment.status = order.payment_status = "captured"
    if order.status in orders.CONFIRMABLE:
        confirm_order(
            session, order, claim, commit.epochs or {},
            actor=payment.gateway, reason="payment captured",
        )  # fmt: skip


def _send_back(
    session: Session, order: Order, payment: Payment, attempt: PaymentAttempt, reason: str
) -> None:
    log.warning("payment.sent_back", order_id=str(order.id), reason=reason)
    kept = attempts.kept(session, order.id)
    if kept is None or kept.payment_id != payment.id:
        payment.status = "captured"
    if order.status in orders.CONFIRMABLE:
        order.payment_status = "captured"
    refunds.send_back(session, attempt, reason=reason)
    if reason == "amount_mismatch":
        detail = f"{attempt.amount} {attempt.currency} came for {payment.amount} {payment.currency}"
        alerts.sound(session, "amount_mismatch", attempt.gateway_payment_id, detail)


def _fits(told: AttemptNews | PaymentAttempt, payment: Payment) -> bool:
    return (told.amount, told.currency) == (payment.amount, payment.currency)
