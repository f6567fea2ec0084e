"""What Razorpay may have failed to tell: open payments are asked about, and no event is missed."""

import structlog

from app.core.db import transaction
from app.payments import payments, razorpay
from app.payments.errors import PaymentNotFound
from app.webhooks import events
from app.webhooks.errors import MalformedEventError

log = structlog.get_logger(__name__)

# A run asks no more than this, so that a backlog is not taken for an attack.
MOST_PER_RUN = 25


def poll_payments() -> int:
    """
    Ask about the payments that are due, one by one; tells how many were asked about.

    Raises:
        GatewayUnavailable: Razorpay does not answer, or asks for patience; the rest waits.
    """
    with transaction() as session:
        due = payments.due_to_poll(session, limit=MOST_PER_RUN)
    for razorpay_order_id in due:
        for payment in razorpay.gateway().payments_of(razorpay_order_id):
            try:
                events.follow_payment(payment)
            except (MalformedEventError, PaymentNotFound) as error:
                log.warning("poll.malformed", order=razorpay_order_id, error=str(error))
    return len(due)
