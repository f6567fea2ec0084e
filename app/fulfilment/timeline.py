"""The timeline of an order: everything that happened to it and to its money, in one list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.orders import orders
from app.orders.models import Order
from app.payments import payments, refunds


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; ``amount`` in paise, ``units`` by SKU; who and why are staff's."""

    at: datetime
    what: str
    amount: int | None = None
    units: dict[str, int] | None = None
    actor: str | None = None
    reason: str | None = None


def of_order(session: Session, order: Order) -> list[Entry]:
    """List what happened to an order, the first thing first."""
    return sorted(_entries(session, order), key=lambda entry: entry.at)


def _entries(session: Session, order: Order) -> Iterator[Entry]:
    yield Entry(order.created_at, "placed", order.total, actor=f"customer:{order.user_id}")
    for step in orders.transitions(session, order.id):
        yield Entry(step.created_at, step.to_status, actor=step.actor, reason=step.reason)
    for given_up in orders.cancellations(session, order.id):
        yield Entry(
            given_up.created_at, "units_cancelled", given_up.amount, given_up.units,
            given_up.actor, given_up.reason,
        )  # fmt: skip
    for refund in refunds.of_order(session, order.id):
        yield Entry(
            refund.created_at, "refund_started", refund.amount, actor=refund.actor,
            reason=refund.reason,
        )  # fmt: skip
        if refund.ended_at is not None:
            yield Entry(refund.ended_at, f"refund_{refund.status}", refund.amount)
    for payment in payments.of_order(session, order.id):
        yield Entry(payment.created_at, "payment_opened", payment.amount, reason=payment.gateway)
