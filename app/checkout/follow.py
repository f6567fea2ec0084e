"""Razorpay tells of a try to pay that was authorised or failed: noted, and nothing decided."""

from app.core.db import transaction
from app.orders import orders
from app.payments import payments


def follow_attempt(
    *,
    razorpay_order_id: str,
    razorpay_payment_id: str,
    status: str,
    amount: int,
    currency: str,
    method: str | None,
    error_reason: str | None,
) -> None:
    """
    Note a try; a failed one leaves the order payable, for the payer may try again.

    Raises:
        PaymentNotFound: the Razorpay order is not one of ours.
    """
    with transaction() as session:
        payment = payments.by_razorpay_order(session, razorpay_order_id)
        order = orders.lock(session, payment.order_id)
        session.refresh(payment)
        attempt = payments.record_attempt(
            session,
            payment,
            razorpay_payment_id=razorpay_payment_id,
            status=status,
            amount=amount,
            currency=currency,
            method=method,
            error_reason=error_reason,
        )
        if payments.follow(payment, attempt):
            order.payment_status = payment.status
