"""What was sold and sent back in a span of time, added up."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

# By the steps of orders and by the ends of refunds, since both are in their order of time.
_SALES = text("""
    WITH confirmed AS (
        SELECT orders.id, orders.total FROM order_transitions JOIN orders ON orders.id = order_id
        WHERE order_transitions.created_at >= :since AND order_transitions.created_at < :until
            AND to_status = 'confirmed'
    )
    SELECT
        (SELECT count(*) FROM confirmed),
        (SELECT coalesce(sum(total), 0) FROM confirmed),
        (SELECT coalesce(sum(quantity), 0) FROM order_lines JOIN confirmed ON id = order_id),
        (SELECT coalesce(sum(amount), 0) FROM refunds
            WHERE status = 'processed' AND ended_at >= :since AND ended_at < :until),
        (SELECT count(*) FROM order_transitions
            WHERE created_at >= :since AND created_at < :until AND to_status = 'expired')
""")


@dataclass(frozen=True, slots=True)
class Sales:
    """Orders that were confirmed, what they came to in paise, and what became of others."""

    orders: int
    revenue: int
    units: int
    refunded: int
    expired: int


def between(session: Session, since: datetime, until: datetime) -> Sales:
    """Add up what happened from ``since`` on and before ``until``."""
    row = session.execute(_SALES, {"since": since, "until": until}).one()
    return Sales(*(int(number) for number in row))
