"""
The money ledger, added up: for every capture, what came is what went back and what is kept.

Kept money belongs to exactly one capture of a confirmed or later order. Its findings are none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.orders.models import Order
from app.payments.models import PaymentAttempt, Refund

# Orders that money may be kept for.
PAID_FOR = (
    "confirmed", "processing", "shipped", "delivered", "return_requested", "returned",
)  # fmt: skip
_left = PaymentAttempt.amount - PaymentAttempt.amount_refunded - PaymentAttempt.amount_lost


@dataclass(frozen=True, slots=True)
class Totals:
    """The ledger's sums, in paise: captured = refunded + lost + kept + unaccounted."""

    captured: int
    refunded: int
    lost: int
    kept: int

    @property
    def unaccounted(self) -> int:
        """What came, was not sent back, and pays for nothing."""
        return self.captured - self.refunded - self.lost - self.kept


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be."""

    kind: str
    subject: str
    detail: str


def totals(session: Session) -> Totals:
    """Add up every capture there ever was."""
    attempt = PaymentAttempt
    row = session.execute(
        select(
            func.coalesce(func.sum(attempt.amount), 0),
            func.coalesce(func.sum(attempt.amount_refunded), 0),
            func.coalesce(func.sum(attempt.amount_lost), 0),
            func.coalesce(func.sum(_left).filter(attempt.outcome == "kept"), 0),
        ).where(attempt.status == "captured")
    ).one()
    return Totals(*(int(value) for value in row))


def findings(session: Session) -> list[Finding]:
    """List every breach of the ledger's rules."""
    return [
        Finding(kind, str(subject), str(detail))
        for kind, query in _QUERIES.items()
        for subject, detail in session.execute(query)
    ]


def _queries() -> Iterator[tuple[str, Select[Any, Any]]]:
    attempt = PaymentAttempt
    captured = attempt.status == "captured"
    counted = (
        select(func.coalesce(func.sum(Refund.amount), 0))
        .where(Refund.gateway_payment_id == attempt.gateway_payment_id, Refund.status != "failed")
        .scalar_subquery()
    )
    yield (
        "capture_without_end",
        select(attempt.gateway_payment_id, attempt.amount).where(
            captured, attempt.outcome.is_(None)
        ),
    )
    yield (
        "refunds_miscounted",
        select(attempt.gateway_payment_id, attempt.amount_refunded - counted).where(
            attempt.amount_refunded != counted
        ),
    )
    # A refund that failed leaves this behind, until it is asked for anew.
    yield (
        "money_of_nobody",
        select(attempt.gateway_payment_id, _left).where(attempt.outcome == "refunded", _left > 0),
    )
    yield (
        "more_went_back_than_came",
        select(attempt.gateway_payment_id, -_left).where(captured, _left < 0),
    )
    yield (
        "kept_for_no_order",
        select(attempt.gateway_payment_id, Order.status)
        .join(Order, Order.id == attempt.order_id)
        .where(attempt.outcome == "kept", _left > 0, Order.status.not_in(PAID_FOR)),
    )
    yield (
        "confirmed_without_money",
        select(Order.number, Order.status).where(
            Order.status.in_(PAID_FOR),
            ~Order.pays_on_delivery,
            ~select(attempt.order_id)
            .where(attempt.order_id == Order.id, attempt.outcome == "kept")
            .exists(),
        ),
    )


_QUERIES = dict(_queries())
