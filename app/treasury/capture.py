"""Authorised money is taken: by the shop itself where it asked to, or when staff say so."""

from uuid import UUID

import structlog

from app.checkout import claims, confirm
from app.checkout.complete import complete_payments
from app.checkout.follow import follow_attempts
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import reservations
from app.orders import orders
from app.orders.models import Order
from app.payments import attempts, payments
from app.payments.errors import GatewayRefused, NothingToCapture
from app.payments.gateway import gateway
from app.payments.models import Payment
from app.payments.terms import AttemptNews

log = structlog.get_logger(__name__)


def capture_if_due(gateway_name: str, news: AttemptNews) -> None:
    """
    Take an authorised try's money, where the gateway leaves that to the shop and the order waits.

    What cannot be delivered is not taken: the gateway gives the authorisation back by itself.

    Raises:
        GatewayUnavailable: no answer; whoever tries again takes the money once.
        GatewayRefused: it will not, and the authorisation has not lapsed.
    """
    if not gateway(gateway_name).is_capture_manual:
        return
    with transaction() as session:
        payment = payments.by_gateway_order(session, news.gateway_order_id)
        order = orders.find(session, payment.order_id)
        reason = _reason_against(news, payment, order)
    is_late = not reservations.time_left(redis(), order.id, order.expires_at)
    if reason is None and is_late:
        reason = _take_units_anew(order)
    if reason is not None:
        log.info("payment.left_to_lapse", order_id=str(order.id), reason=reason)
        return
    try:
        captured = gateway(gateway_name).capture(news)
    except GatewayRefused:
        if is_late:
            # They never expire, and nobody has paid for them.
            confirm.settle_units(claims.of_order(order))
        told = gateway(gateway_name).attempt(news.gateway_payment_id)
        if told is None or told.status != "lapsed":
            raise
        follow_attempts([told])
    else:
        complete_payments([captured])


def capture_payment(payment_id: UUID) -> Payment:
    """
    Take an authorised payment's money because staff say so: cash has come in, for example.

    Raises:
        PaymentNotFound: there is none.
        NothingToCapture: no try of it is authorised.
        GatewayUnavailable, GatewayRefused: ask again later; it is taken once.
    """
    with transaction() as session:
        # Before the payment, so that what is taken between the two is seen as paid.
        tries = attempts.of_payment(session, payment_id)
        payment = payments.find(session, payment_id)
        authorized = [attempt for attempt in tries if attempt.status == "authorized"]
    if payment.status in payments.PAID:
        return payment
    if not authorized:
        raise NothingToCapture(f"The payment is {payment.status}.", payment_status=payment.status)
    told = attempts.as_news(payment, authorized[-1])
    complete_payments([gateway(payment.gateway).capture(told)])
    with transaction() as session:
        return payments.find(session, payment_id)


def _reason_against(news: AttemptNews, payment: Payment, order: Order) -> str | None:
    if (news.amount, news.currency) != (payment.amount, payment.currency):
        return "amount_mismatch"
    # Who cancelled wants nothing taken; who is late may still get the units.
    return None if order.status in ("pending", "expired") else f"order_{order.status}"


def _take_units_anew(order: Order) -> str | None:
    """Take the units of an order whose time is over once more; tells why that cannot be."""
    commit = confirm.commit_units(claims.of_order(order))
    return commit.refusal if commit.epochs is None else None
