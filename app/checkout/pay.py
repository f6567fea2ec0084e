"""A payment is opened: Razorpay is asked for an order that the buyer's browser can pay."""

from typing import Any
from uuid import UUID

from app.accounts import accounts
from app.checkout.errors import OrderNotPayable, ReservationExpired
from app.core.db import transaction
from app.core.money import CURRENCY
from app.core.redis_client import redis
from app.inventory import reservations
from app.orders import orders
from app.orders.models import Order
from app.payments import payments, razorpay
from app.payments.models import Payment


def open_payment(order_id: UUID, *, customer_id: UUID) -> dict[str, Any]:
    """
    Open the payment of a pending order, or return the one that is open.

    Prepared, asked for and attached in three steps, each of which may be repeated: no row stays
    locked while Razorpay thinks, and an order whose answer was lost is found by its receipt.

    Raises:
        OrderNotFound: there is none among the customer's.
        OrderNotPayable: it is paid or cancelled.
        ReservationExpired: the time to pay is over.
        GatewayUnavailable: Razorpay does not answer; ask again.
    """
    with transaction() as session:
        order = orders.lock(session, order_id, user_id=customer_id)
        _require_payable(order)
        customer = accounts.find(session, customer_id)
        payment = payments.prepare(session, order_id, amount=order.total, currency=CURRENCY)
    if payment.razorpay_order_id is None:
        gateway = razorpay.gateway()
        receipt = str(payment.id)
        razorpay_order_id = gateway.find_order(receipt=receipt) or gateway.create_order(
            receipt=receipt, amount=payment.amount, currency=payment.currency
        )
        with transaction() as session:
            payment = payments.attach(session, payment.id, razorpay_order_id)
    return _told(payment, order) | {
        "prefill": {"name": customer.name, "email": customer.email, "contact": customer.phone}
    }


def _require_payable(order: Order) -> None:
    if order.status == "expired":
        raise ReservationExpired
    if order.status != "pending":
        raise OrderNotPayable(f"The order is {order.status}.", order_status=order.status)
    if not reservations.time_left(redis(), order.id, order.expires_at):
        raise ReservationExpired


def _told(payment: Payment, order: Order) -> dict[str, Any]:
    return {
        "payment_id": payment.id,
        "gateway": "razorpay",
        "key_id": razorpay.gateway().key_id,
        "razorpay_order_id": payment.razorpay_order_id,
        "amount": payment.amount,
        "currency": payment.currency,
        "expires_at": order.expires_at,
    }
