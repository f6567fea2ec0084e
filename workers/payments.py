"""What is asked of Razorpay in the background."""

from uuid import UUID

from app.checkout.refund import send_refund
from app.webhooks import poll


def refund(refund_id: str) -> None:
    """Ask for a refund that is written down."""
    send_refund(UUID(refund_id))


def poll_payments() -> None:
    """Ask about open payments of which no event has told the end."""
    poll.poll_payments()
