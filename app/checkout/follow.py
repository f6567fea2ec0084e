"""A gateway tells of a try to pay that has not been captured: noted, and nothing decided."""

from app.core.db import transaction
from app.orders import orders
from app.payments import attempts, payments
from app.payments.terms import AttemptNews


def follow_attempt(news: AttemptNews) -> None:
    """
    Note a try; a failed one leaves the order payable, for the payer may try again.

    Raises:
        PaymentNotFound: the gateway's order is not one of ours.
    """
    with transaction() as session:
        payment = payments.by_gateway_order(session, news.gateway_order_id)
        order = orders.lock(session, payment.order_id)
        session.refresh(payment)
        attempt = attempts.record(session, payment, news)
        # What is confirmed was paid or promised otherwise, and stays so.
        if payments.follow(payment, attempt) and order.status in orders.CONFIRMABLE:
            order.payment_status = payment.status
