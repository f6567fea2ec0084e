"""Facts: what a message needs to know, found by the event and the id of what it happened to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.orders import orders
from app.orders.models import Order
from app.payments import payments, refunds
from app.returns import returns


@dataclass(frozen=True, slots=True)
class Facts:
    """The order that a message is about, and what else is told; amounts in paise."""

    order: Order
    more: Mapping[str, Any] = field(default_factory=dict)


def find(session: Session, event: str, subject: UUID) -> Facts:
    """Find what there is to be told of an event that has words."""
    return _FINDERS[event.partition(".")[0]](session, subject)


def _of_order(session: Session, order_id: UUID) -> Facts:
    return Facts(orders.find(session, order_id))


def _of_payment(session: Session, payment_id: UUID) -> Facts:
    payment = payments.find(session, payment_id)
    return Facts(orders.find(session, payment.order_id), {"amount": payment.amount})


def _of_refund(session: Session, refund_id: UUID) -> Facts:
    refund = refunds.find(session, refund_id)
    payment = payments.of_attempt(session, refund.gateway_payment_id)
    return Facts(orders.find(session, payment.order_id), {"amount": refund.amount})


def _of_return(session: Session, return_id: UUID) -> Facts:
    one = returns.find(session, return_id)
    note = one.steps[-1].note if one.steps else None
    return Facts(orders.find(session, one.order_id), {"amount": one.refund_amount, "note": note})


_FINDERS: Mapping[str, Callable[[Session, UUID], Facts]] = {
    "order": _of_order,
    "payment": _of_payment,
    "refund": _of_refund,
    "return": _of_return,
}
