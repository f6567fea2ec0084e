"""Money goes back: written down, asked of the gateway, ended by what it says."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.alerts import alerts
from app.core import points
from app.core.actors import require_another
from app.core.db import transaction
from app.orders import orders
from app.orders.models import Order
from app.payments import attempts, disputes, payments, refunds
from app.payments.errors import (
    AttemptNotFound,
    DisputeOpen,
    GatewayRefused,
    GatewayUnavailable,
    RefundNotPaidByHand,
)
from app.payments.gateway import Gateway, gateway
from app.payments.models import Payment, PaymentAttempt, Refund
from app.payments.terms import RefundNews, Speed

log = structlog.get_logger(__name__)

# A gateway that is away for a moment is no alert; this many tries are some ten minutes.
UNANSWERED_TRIES = 4
HELD = "held back while a dispute is open"


def request_refund(
    payment_id: UUID,
    *,
    amount: int | None,
    reason: str,
    reference: str,
    actor: str,
    speed: Speed,
) -> Refund:
    """
    Send money of a paid order back: ``amount`` paise, or all that is left.

    Raises:
        PaymentNotFound, AttemptNotFound: there is no such payment, or it was never captured.
        RefundExceedsCapture: telling what is left.
        DisputeOpen: the payer's bank is at it already.
        ReferenceReused: another refund of this payment has this reference.
        OwnAffair: the payment is the actor's own.
    """
    with transaction() as session:
        payment = payments.find(session, payment_id)
        require_another(actor, orders.find(session, payment.order_id).user_id)
        kept = attempts.kept(session, payment.order_id)
        if kept is None or kept.payment_id != payment.id:
            raise AttemptNotFound("Nothing of this payment was captured and kept.")
        attempt = attempts.lock(session, kept.gateway_payment_id)
        name = f"staff:{payment_id}:{reference}"
        earlier = refunds.by_reference(session, name)
        if earlier is None and disputes.is_open(session, attempt.gateway_payment_id):
            raise DisputeOpen
        wanted = amount or (earlier.amount if earlier else attempts.left(attempt))
        return refunds.request(
            session,
            attempt,
            amount=wanted,
            reason=reason,
            reference=name,
            actor=actor,
            speed=speed,
        )


def retry_refund(refund_id: UUID, *, actor: str) -> Refund:
    """
    Ask at once for a refund that has not ended; one that failed is written anew.

    Of a capture that pays for nothing goes what is left of it, where that is less by now.

    Raises:
        RefundNotFound: there is none.
        RefundExceedsCapture: it went back in another way meanwhile.
        DisputeOpen: the payer's bank is at it already.
        OwnAffair: the payment is the actor's own.
    """
    with transaction() as session:
        refund = refunds.find(session, refund_id)
        payment = payments.of_attempt(session, refund.gateway_payment_id)
        require_another(actor, orders.find(session, payment.order_id).user_id)
        attempt = attempts.lock(session, refund.gateway_payment_id)
        session.refresh(refund)
        refund = refunds.latest(session, refund)
        if disputes.is_open(session, attempt.gateway_payment_id):
            raise DisputeOpen
        if refund.status == "pending":
            refunds.ask_now(session, refund)
            return refund
        if refund.status == "processed":
            return refund
        rest = attempts.left(attempt) if attempt.outcome == "refunded" else 0
        return refunds.request(
            session,
            attempt,
            amount=min(refund.amount, rest) or refund.amount,
            reason=refund.reason,
            reference=refunds.again(refund),
            actor=actor,
            speed="normal",
        )


def pay_out(refund_id: UUID) -> Refund:
    """
    Note that staff paid a refund out by hand, where the gateway leaves that to them.

    Raises:
        RefundNotFound: there is none.
        RefundNotPaidByHand: the gateway pays it, or it has ended otherwise.
    """
    with transaction() as session:
        refund = refunds.find(session, refund_id)
        payment = payments.of_attempt(session, refund.gateway_payment_id)
    if not gateway(payment.gateway).pays_on_delivery or refund.status == "failed":
        raise RefundNotPaidByHand
    # The worker may ask for the very same refund at this moment.
    told = gateway(payment.gateway).refund(
        refund.gateway_payment_id, amount=refund.amount, speed="normal", key=str(refund.id)
    )
    follow_refund(replace(told, status="processed"))
    with transaction() as session:
        return refunds.find(session, refund_id)


def send_refund(refund_id: UUID) -> bool:
    """
    Ask the gateway for a refund that is written down; asking again refunds nothing more.

    What the gateway will not do now is tried again at growing intervals, and a person is told.
    False where the gateway does not answer.
    """
    with transaction() as session:
        refund = refunds.find(session, refund_id)
        payment = payments.of_attempt(session, refund.gateway_payment_id)
        if refund.status != "pending":
            return True
        if disputes.is_open(session, refund.gateway_payment_id):
            refunds.note_failure(session, refund_id, HELD)
            return True
        was_asked = refunds.mark_asked(session, refund)
    points.reached("refund.after-row")
    try:
        for news in _ask(gateway(payment.gateway), refund, was_asked=was_asked):
            points.reached("refund.after-call")
            follow_refund(news)
    except (GatewayUnavailable, GatewayRefused) as problem:
        _note(refund, problem)
        return not isinstance(problem, GatewayUnavailable)
    return True


def follow_refund(news: RefundNews) -> None:
    """
    Write what a gateway says of a refund, of ours or made at the gateway by hand.

    Raises:
        AttemptNotFound: it is of no payment of this shop's, or of one not captured so far.
    """
    with transaction() as session:
        payment = payments.of_attempt(session, news.gateway_payment_id)
        order = orders.lock(session, payment.order_id)
        attempt = attempts.lock(session, news.gateway_payment_id)
        if attempt.status != "captured":
            raise AttemptNotFound("Its capture has not been told yet.")
        refund, is_ended = refunds.follow(session, attempt, news)
        for ended in refunds.of_attempt(session, attempt.gateway_payment_id):
            if ended.status != "pending":
                alerts.close(session, "refund_stuck", str(ended.id), by="gateway")
        if is_ended and refund.status == "failed":
            detail = f"{refund.amount} paise of {attempt.gateway_payment_id} did not go back"
            alerts.sound(session, "refund_failed", str(refund.id), detail)
        session.refresh(payment)
        _tell_order(session, order, payment, attempt)
        points.reached("refund.before-final")


def _ask(gateway: Gateway, refund: Refund, *, was_asked: bool) -> Sequence[RefundNews]:
    """
    Ask for a refund; where that may have been done before, look for it first.

    How long a gateway remembers our key is told nowhere, so the key alone is not relied on.
    """
    if was_asked:
        # What failed makes room for what was made in its place.
        known = sorted(
            gateway.refunds(refund.gateway_payment_id), key=lambda news: news.status != "failed"
        )
        if refund.gateway_refund_id or any(news.receipt == str(refund.id) for news in known):
            return known
        for news in known:
            follow_refund(news)
        with transaction() as session:
            if refunds.find(session, refund.id).status != "pending":
                return ()
    return [
        gateway.refund(
            refund.gateway_payment_id,
            amount=refund.amount,
            speed="optimum" if refund.speed == "optimum" else "normal",
            key=str(refund.id),
        )
    ]


def _note(refund: Refund, problem: GatewayUnavailable | GatewayRefused) -> None:
    is_no = isinstance(problem, GatewayRefused)
    with transaction() as session:
        is_waiting = refunds.note_failure(session, refund.id, str(problem))
        if is_waiting and (is_no or refund.polls >= UNANSWERED_TRIES):
            detail = f"{refund.amount} paise of {refund.gateway_payment_id}: {problem}"
            alerts.sound(session, "refund_stuck", str(refund.id), detail)


def _tell_order(session: Session, order: Order, payment: Payment, attempt: PaymentAttempt) -> None:
    """Say of payment and order how much went back, unless another capture pays for them."""
    went_back = refunds.processed_amount(session, attempt.gateway_payment_id)
    part = "partially_refunded" if went_back else "captured"
    status = "refunded" if went_back >= attempt.amount else part
    kept = attempts.kept(session, order.id)
    if attempt.outcome == "kept" or kept is None or kept.payment_id != payment.id:
        payment.status = status
    if attempt.outcome == "kept" or orders.is_confirmable(order):
        order.payment_status = status
