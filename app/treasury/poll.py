"""
What gateways may have failed to tell: what is open is asked about, and no event is missed.

A gateway that does not answer, or asks for patience, is left alone until the next run, and what was
not asked about is due at once then.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from app.alerts import alerts
from app.core.db import transaction
from app.core.problems import Problem
from app.payments import payments, polling, refunds
from app.payments.errors import GatewayRefused, GatewayUnavailable
from app.payments.gateway import gateway
from app.payments.models import Payment, Refund
from app.payments.terms import AttemptNews
from app.treasury import news
from app.treasury.refund import send_refund

log = structlog.get_logger(__name__)

# A run asks no more than this, so that a backlog is not taken for an attack.
MOST_PER_RUN = 25

Polled = TypeVar("Polled", Payment, Refund)


def poll_payments() -> int:
    """Ask about the payments that are due, one by one; tells how many there were."""
    with transaction() as session:
        due = payments.due_to_poll(session, limit=MOST_PER_RUN)
    _ask_each(Payment, [(payment, payment.gateway) for payment in due], _ask_about_payment)
    return len(due)


def poll_refunds() -> int:
    """Ask about the refunds that are due, one by one; tells how many there were."""
    with transaction() as session:
        due = [
            (refund, payments.of_attempt(session, refund.gateway_payment_id).gateway)
            for refund in refunds.due_to_poll(session, limit=MOST_PER_RUN)
        ]
    _ask_each(Refund, due, lambda refund: send_refund(refund.id))
    return len(due)


def _ask_each(
    table: type[Polled], due: Iterable[tuple[Polled, str]], ask: Callable[[Polled], bool]
) -> None:
    """Ask about each, but for those whose gateway has just not answered."""
    silent: set[str] = set()
    postponed = []
    for row, gateway_name in due:
        if gateway_name in silent:
            postponed.append(row.id)
            continue
        try:
            is_answered = ask(row)
        except Exception:
            # Whatever it is, those behind it have to be asked about; it has its own next time.
            log.exception("poll.failed", gateway=gateway_name, subject=str(row.id))
        else:
            if not is_answered:
                silent.add(gateway_name)
    if postponed:
        with transaction() as session:
            polling.give_back(session, table, postponed)


def _ask_about_payment(payment: Payment) -> bool:
    """Take what a gateway says of a payment's tries as news; False where it does not answer."""
    try:
        told = gateway(payment.gateway).attempts(payment.gateway_order_id or "")
        for attempt in told:
            _take(payment, attempt)
    except GatewayUnavailable:
        return False
    except GatewayRefused as refused:
        # It will not tell of an order that it made itself: wrong keys, most likely.
        with transaction() as session:
            alerts.sound(session, "poll_refused", payment.gateway, str(refused))
    return True


def _take(payment: Payment, attempt: AttemptNews) -> None:
    """Take one try's news; what cannot be taken now must not hide the others."""
    try:
        news.take(payment.gateway, attempt)
    except GatewayUnavailable:
        raise
    except Problem as problem:
        log.warning("poll.not_taken", payment_id=str(payment.id), reason=problem.code())
