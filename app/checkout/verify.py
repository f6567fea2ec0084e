"""The buyer's browser comes back from the gateway: what it brings marks the payment as verified."""

from collections.abc import Mapping
from uuid import UUID

from app.checkout import claims
from app.checkout.extend import extend_reservation
from app.core.db import transaction
from app.orders import orders
from app.orders.errors import OrderNotFound
from app.payments import payments
from app.payments.errors import InvalidSignature, PaymentNotFound
from app.payments.gateway import gateway
from app.payments.models import Payment


def verify_payment(
    *,
    customer_id: UUID,
    gateway_name: str,
    gateway_order_id: str,
    proof: Mapping[str, str],
    lifetime_seconds: int,
) -> Payment:
    """
    Have the gateway vouch for what the browser brought; extends the reservation, confirms nothing.

    It proves that the payment belongs to the order, not that money was captured: that is told by
    webhook or asked of the gateway.

    Raises:
        InvalidSignature: the gateway does not vouch for it.
        PaymentNotFound: the gateway's order is for nobody's order, or for somebody else's.
        GatewayUnavailable: the gateway has to be asked, and does not answer.
    """
    with transaction() as session:
        payment = payments.by_gateway_order(session, gateway_order_id)
        try:
            order = orders.find(session, payment.order_id, user_id=customer_id)
        except OrderNotFound:
            raise PaymentNotFound from None
    if payment.gateway != gateway_name:
        raise PaymentNotFound
    if not gateway(gateway_name).is_authentic(proof):
        raise InvalidSignature
    if order.status == "pending" and order.extended_at is None:
        extend_reservation(claims.of_order(order), lifetime_seconds=lifetime_seconds)
    with transaction() as session:
        # Another request may have been here meanwhile; from now on none can.
        orders.lock(session, order.id)
        payment = payments.by_gateway_order(session, gateway_order_id)
        payments.mark_verified(payment)
        return payment
