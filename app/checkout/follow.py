"""A gateway tells of tries to pay that have not been captured: noted, and nothing decided."""

from collections.abc import Sequence

from app.core.announcements import announce
from app.core.db import transaction
from app.orders import orders
from app.payments import attempts, payments
from app.payments.terms import AttemptNews


def follow_attempts(told: Sequence[AttemptNews]) -> None:
    """
    Note tries, all or none; a failed one leaves the order payable, for the payer may try again.

    Raises:
        PaymentNotFound: a gateway's order is not one of ours.
    """
    names = {news.gateway_order_id for news in told}
    with transaction() as session:
        locked = orders.lock_all(session, payments.order_ids(session, names).values())
        by_name = payments.by_gateway_orders(session, names)
        tries = attempts.of_orders(session, locked, told)
        for news in told:
            payment = by_name[news.gateway_order_id]
            order = locked[payment.order_id]
            # What is confirmed was paid or promised otherwise, and stays so.
            is_news = payments.follow(payment, tries.record(payment, news))
            if is_news and orders.is_confirmable(order):
                order.payment_status = payment.status
                if payment.status == "failed":
                    announce(session, "payment.failed", payment.id)
