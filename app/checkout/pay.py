"""A payment is opened: a gateway is asked for an order that the buyer's browser can pay."""

from typing import Any
from uuid import UUID

from app.accounts import accounts
from app.checkout.errors import OrderNotPayable, ReservationExpired
from app.checkout.promise import promise_payment
from app.core import jobs, points
from app.core.db import transaction
from app.core.money import CURRENCY
from app.core.redis_client import redis
from app.inventory import reservations
from app.inventory.errors import InsufficientStock
from app.orders import orders
from app.orders.models import Order
from app.payments import downtimes, gateway, payments
from app.payments.gateway import Gateway
from app.payments.models import Payment

# Longer than a promise takes with every time-out at its worst.
PROMISE_SECONDS = 60


def open_payment(
    order_id: UUID, *, customer_id: UUID, gateway_name: str | None = None
) -> dict[str, Any]:
    """
    Open the payment of a pending order, or return the one that is open.

    Prepared, asked for and attached in three steps, each of which may be repeated: no row stays
    locked while the gateway thinks, and an order whose answer was lost is found by its receipt.
    Where the money comes on delivery, the order is confirmed at once.

    Raises:
        OrderNotFound: there is none among the customer's.
        OrderNotPayable: it is paid or cancelled.
        ReservationExpired: the time to pay is over.
        GatewayNotOffered: payments are not taken in this way, or not this one.
        GatewayUnavailable: the gateway does not answer; ask again.
    """
    chosen = gateway.choose(gateway_name)
    with transaction() as session:
        order = orders.lock(session, order_id, user_id=customer_id)
        _require_payable(order, chosen)
        customer = accounts.find(session, customer_id)
        payment = payments.prepare(
            session, order_id, gateway=chosen.name, amount=order.total, currency=CURRENCY
        )
        disturbed = downtimes.current(session, chosen.name)
    points.reached("pay.after-row")
    if payment.gateway_order_id is None:
        payment = _opened(chosen, payment)
    if chosen.pays_on_delivery:
        _promise(order_id, payment.id)
    return {
        "payment_id": payment.id,
        "gateway": chosen.name,
        "amount": payment.amount,
        "currency": payment.currency,
        "expires_at": order.expires_at,
        "prefill": {"name": customer.name, "email": customer.email, "contact": customer.phone},
        "downtimes": disturbed,
        **chosen.for_the_payer(payment.gateway_order_id or ""),
    }


def _promise(order_id: UUID, payment_id: UUID) -> None:
    """Confirm the order; a buyer who is told no is not taken at their word by a job later."""
    try:
        promise_payment(order_id, payment_id)
    except (ReservationExpired, OrderNotPayable, InsufficientStock):
        with transaction() as session:
            payments.fail(session, payment_id)
        raise


def _opened(chosen: Gateway, payment: Payment) -> Payment:
    gateway_order_id = chosen.open(
        receipt=str(payment.id), amount=payment.amount, currency=payment.currency
    )
    points.reached("pay.after-call")
    with transaction() as session:
        if chosen.pays_on_delivery:
            # For a promise whose process dies half-way: no webhook comes back to it.
            jobs.stage(
                session, "payments.keep_promise", delay=PROMISE_SECONDS,
                order_id=str(payment.order_id), payment_id=str(payment.id),
            )  # fmt: skip
        return payments.attach(
            session, payment.id, gateway_order_id, is_polled=not chosen.pays_on_delivery
        )


def _require_payable(order: Order, chosen: Gateway) -> None:
    if order.status == "expired":
        raise ReservationExpired
    if chosen.pays_on_delivery and order.pays_on_delivery:
        # Asked again, for the answer may have been lost.
        return
    if order.status != "pending":
        raise OrderNotPayable(f"The order is {order.status}.", order_status=order.status)
    if not reservations.time_left(redis(), order.id, order.expires_at):
        raise ReservationExpired
