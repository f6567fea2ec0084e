"""What is asked of gateways in the background."""

from datetime import UTC, date, datetime
from uuid import UUID

import structlog

from app.checkout.errors import ReservationExpired
from app.checkout.promise import promise_payment
from app.core import jobs
from app.core.db import transaction
from app.inventory.errors import InsufficientStock
from app.payments import payments
from app.treasury import poll, reconciliation
from app.treasury.refund import send_refund

log = structlog.get_logger(__name__)


def refund(refund_id: str) -> None:
    """Ask for a refund that is written down."""
    send_refund(UUID(refund_id))


def keep_promise(order_id: str, payment_id: str) -> None:
    """Confirm what a buyer promised to pay at the door, if that was not done at once."""
    with transaction() as session:
        is_open = payments.find(session, UUID(payment_id)).status == "created"
    if not is_open:
        return
    try:
        promise_payment(UUID(order_id), UUID(payment_id))
    except (ReservationExpired, InsufficientStock) as refusal:
        log.info("promise.not_kept", order_id=order_id, reason=refusal.code())


def poll_payments() -> None:
    """Ask about open payments of which no event has told the end."""
    poll.poll_payments()


def poll_refunds() -> None:
    """Ask about refunds of which no event has told the end."""
    poll.poll_refunds()


def start_reconciliation() -> None:
    """Have the days compared that are over and were not compared yet."""
    with transaction() as session:
        for gateway, day in reconciliation.days_due(session, now=datetime.now(UTC)):
            # A gateway that does not answer keeps no other one, and no other day, waiting.
            jobs.stage_once(session, "payments.reconcile_day", gateway=gateway, day=day.isoformat())


def reconcile_day(gateway: str, day: str) -> None:
    """Compare one day of a gateway's with ours."""
    reconciliation.reconcile_day(gateway, date.fromisoformat(day))
