"""
Money was captured: it pays for an order, or it goes back.

Every capture ends in exactly one of the two, however late, often or out of order it is told.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.alerts import alerts
from app.checkout import claims
from app.checkout.confirm import (
    Commit,
    Confirmation,
    commit_all,
    confirm_orders,
    has_its_coupon,
    settle_all,
)
from app.core import points
from app.core.db import transaction
from app.core.money import written
from app.inventory.errors import InsufficientStock
from app.inventory.terms import Claim
from app.orders import orders
from app.orders.models import Order
from app.payments import attempts, payments, refunds
from app.payments.attempts import Tries
from app.payments.models import Payment, PaymentAttempt
from app.payments.terms import AttemptNews

log = structlog.get_logger(__name__)
_NOTHING = Commit()


def complete_payments(captures: Sequence[AttemptNews]) -> None:
    """
    Confirm the orders of captures, or send captures back; all are concluded, or none.

    Redis commits first, Postgres deducts, Redis settles. A crash anywhere leaves units that
    nobody can buy and jobs that run again; each step knows whether it was done.

    Raises:
        PaymentNotFound: a gateway's order is not one of ours.
        StaleEpoch: Redis was told anew between commit and deduction; run again.
        InsufficientStock: Postgres does not have the units of one of several; run each alone.
    """
    points.reached("capture.after-claim")
    claimed, due = _look(captures)
    commits = commit_all(due)
    points.reached("capture.after-redis-commit")
    try:
        with transaction() as session:
            deducted = _conclude(session, claimed, captures, commits)
            points.reached("capture.before-pg-commit")
    except InsufficientStock:
        if len(captures) > 1:
            raise
        # Redis promised what Postgres does not have: the last guard held, the payer is refunded.
        log.exception("stock.postgres_refused", order_ids=list(map(str, claimed)))
        with transaction() as session:
            deducted = _conclude(session, claimed, captures, {})
    committed = {order_id for order_id, commit in commits.items() if commit.epochs is not None}
    points.reached("capture.before-settle")
    if deducted or committed:
        settle_all([claimed[order_id] for order_id in deducted | committed])
    points.reached("capture.before-ack")


def _look(captures: Sequence[AttemptNews]) -> tuple[dict[UUID, Claim], list[Claim]]:
    """Find what the orders of captures claim, and which of those claims are to be committed."""
    with transaction() as session:
        by_name = payments.by_gateway_orders(session, {c.gateway_order_id for c in captures})
        found = orders.find_all(session, {payment.order_id for payment in by_name.values()})
        tries = attempts.of_orders(session, found)
    # Who was told first goes first, where units are left for one.
    fitting = dict.fromkeys(
        payment.order_id
        for captured in captures
        if _fits(captured, payment := by_name[captured.gateway_order_id])
    )
    claimed = {order_id: claims.of_order(order) for order_id, order in found.items()}
    due = [
        claimed[order_id]
        for order_id in fitting
        if orders.is_confirmable(found[order_id]) and tries.kept(order_id) is None
    ]
    return claimed, due


def _conclude(
    session: Session,
    claimed: Mapping[UUID, Claim],
    captures: Sequence[AttemptNews],
    commits: Mapping[UUID, Commit],
) -> set[UUID]:
    """Decide under the orders' locks; tells which orders' units are deducted afterwards."""
    locked = orders.lock_all(session, claimed)
    by_name = payments.by_gateway_orders(session, {c.gateway_order_id for c in captures})
    tries = attempts.of_orders(session, locked, captures)
    confirmations: list[Confirmation] = []
    for captured in captures:
        payment = by_name[captured.gateway_order_id]
        order = locked[payment.order_id]
        commit = commits.get(order.id, _NOTHING)
        attempt = tries.record(payment, captured)
        if attempt.outcome is not None:
            continue
        refusal = _refusal(session, order, payment, attempt, tries, commit)
        if refusal is not None:
            _send_back(session, order, payment, attempt, tries, refusal)
            continue
        attempt.outcome = "kept"
        payment.status = order.payment_status = "captured"
        if orders.is_confirmable(order):
            epochs = commit.epochs or {}
            confirmations.append(
                Confirmation(order, claimed[order.id], epochs, actor=payment.gateway)
            )
    if confirmations:
        confirm_orders(session, confirmations, reason="payment captured")
    return {order.id for order in locked.values() if not orders.is_confirmable(order)}


def _refusal(
    session: Session,
    order: Order,
    payment: Payment,
    attempt: PaymentAttempt,
    tries: Tries,
    commit: Commit,
) -> str | None:
    """Tell why a capture cannot pay for the order, or None where it does."""
    if tries.kept(order.id) is not None:
        return "second_capture"
    if not _fits(attempt, payment):
        return "amount_mismatch"
    if orders.is_confirmable(order):
        if commit.epochs is None:
            return commit.refusal
        return None if has_its_coupon(session, order) else "coupon_used_up"
    if order.status == "cancelled":
        return "order_cancelled"
    # It was confirmed on the buyer's word, and here is the money.
    return None if order.pays_on_delivery else "second_capture"


def _send_back(
    session: Session,
    order: Order,
    payment: Payment,
    attempt: PaymentAttempt,
    tries: Tries,
    reason: str,
) -> None:
    log.warning("payment.sent_back", order_id=str(order.id), reason=reason)
    kept = tries.kept(order.id)
    if kept is None or kept.payment_id != payment.id:
        payment.status = "captured"
    if orders.is_confirmable(order):
        order.payment_status = "captured"
    refunds.send_back(session, attempt, reason=reason)
    if reason == "amount_mismatch":
        came = written(attempt.amount, attempt.currency)
        detail = f"{came} came for {written(payment.amount, payment.currency)}"
        alerts.sound(session, "amount_mismatch", attempt.gateway_payment_id, detail)


def _fits(told: AttemptNews | PaymentAttempt, payment: Payment) -> bool:
    return (told.amount, told.currency) == (payment.amount, payment.currency)
