"""
Captures of which our books know neither try nor order: what a restore to an earlier second leaves.

The gateway's order was asked for by books that are lost. Another shop's on the same account look
alike, so that it is a person who says that they go back.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.core.db import transaction
from app.payments.gateway import gateway
from app.payments.models import Payment
from app.payments.terms import AttemptNews, RefundNews


def unknown_captures(gateway_name: str, since: datetime, until: datetime) -> Sequence[AttemptNews]:
    """
    List what a gateway captured for nobody we know and has not sent back, begun in a time.

    Raises:
        GatewayUnavailable: there is no answer; ask again.
    """
    told = [
        one
        for one in gateway(gateway_name).attempts_between(since, until)
        if one.status == "captured" and one.amount > one.amount_refunded
    ]
    with transaction() as session:
        orders = {one.gateway_order_id for one in told}
        known = set(
            session.scalars(
                select(Payment.gateway_order_id).where(Payment.gateway_order_id.in_(orders))
            )
        )
    return [one for one in told if one.gateway_order_id not in known]


def send_back(gateway_name: str, capture: AttemptNews) -> RefundNews:
    """
    Have a gateway send back what is left of such a capture; asked for again, it is one refund.

    Raises:
        GatewayUnavailable: whether it was done is unknown; ask again.
        GatewayRefused: it is not possible.
    """
    return gateway(gateway_name).refund(
        capture.gateway_payment_id,
        amount=capture.amount - capture.amount_refunded,
        speed="normal",
        key=f"unknown-{capture.gateway_payment_id}",
    )
