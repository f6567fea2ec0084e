"""Money goes back: asked of Razorpay, then ended by what it says."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.db import transaction
from app.orders import orders
from app.payments import payments, razorpay, refunds
from app.payments.models import Refund


def send_refund(refund_id: UUID) -> None:
    """
    Ask Razorpay for a refund that is written down; asking again refunds nothing more.

    Raises:
        GatewayUnavailable, GatewayRefused: the refund stays pending, so ask again later.
    """
    with transaction() as session:
        refund = refunds.find(session, refund_id)
    if refund.status != "pending" or refund.razorpay_refund_id is not None:
        return
    entity = razorpay.gateway().refund(
        refund.razorpay_payment_id, amount=refund.amount, key=str(refund.id)
    )
    follow_refund(entity | {"receipt": str(refund.id)})


def follow_refund(entity: dict[str, Any]) -> bool:
    """Write what Razorpay says of a refund; False for one that is not ours."""
    with transaction() as session:
        refund = refunds.follow(session, entity)
        if refund is not None and refund.status == "processed":
            _tell_order(session, refund)
    return refund is not None


def _tell_order(session: Session, refund: Refund) -> None:
    """Call an order refunded whose money went back, unless another capture pays for it."""
    payment = payments.of_attempt(session, refund.razorpay_payment_id)
    order = orders.lock(session, payment.order_id)
    if order.status in orders.CONFIRMABLE:
        payment.status = order.payment_status = "refunded"
