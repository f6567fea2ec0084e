"""The buyer's browser comes back from Razorpay: its signature marks the payment as verified."""

from uuid import UUID

from app.checkout.extend import extend_reservation
from app.core.db import transaction
from app.orders import orders
from app.orders.errors import OrderNotFound
from app.payments import payments, razorpay
from app.payments.errors import InvalidSignature, PaymentNotFound
from app.payments.models import Payment


def verify_payment(
    *,
    customer_id: UUID,
    razorpay_order_id: str,
    razorpay_payment_id: str,
    signature: str,
    lifetime_seconds: int,
) -> Payment:
    """
    Check Razorpay's signature over order and payment; extends the reservation, confirms nothing.

    The signature proves that the payment belongs to the order, not that money was captured: that
    is told by webhook or asked of Razorpay.

    Raises:
        InvalidSignature: Razorpay did not sign these two ids.
        PaymentNotFound: the Razorpay order is for nobody's order, or for somebody else's.
    """
    is_signed = razorpay.gateway().is_signed_payment(
        razorpay_order_id=razorpay_order_id,
        razorpay_payment_id=razorpay_payment_id,
        signature=signature,
    )
    with transaction() as session:
        payment = payments.by_razorpay_order(session, razorpay_order_id)
        try:
            orders.find(session, payment.order_id, user_id=customer_id)
        except OrderNotFound:
            raise PaymentNotFound from None
        if not is_signed:
            raise InvalidSignature
        extend_reservation(session, payment.order_id, lifetime_seconds=lifetime_seconds)
        # The order is locked by now; another request may have been here while we waited.
        session.refresh(payment)
        payments.mark_verified(payment)
        return payment
