"""What is asked of Razorpay in the background."""

from uuid import UUID

from app.checkout.refund import send_refund


def refund(refund_id: str) -> None:
    """Ask for a refund that is written down."""
    send_refund(UUID(refund_id))
