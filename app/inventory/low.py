"""Products that are about to be sold out: each is told of once, until there is more of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

# By Postgres' view of the stock, so that all products are looked at in one statement.
_LOOK = text("""
    WITH low AS (
        SELECT id, sku, name, stock_quantity - coalesce(reserved, 0) AS available
        FROM products LEFT JOIN (
            SELECT product_id, sum(units) AS reserved FROM reservations
            WHERE state = 'pending' AND deadline_at > now() GROUP BY product_id
        ) AS held ON product_id = products.id
        WHERE is_active AND stock_quantity - coalesce(reserved, 0) <= low_stock_threshold
    ), recovered AS (
        DELETE FROM low_stock WHERE NOT EXISTS (SELECT FROM low WHERE id = low_stock.product_id)
    ), told AS (
        INSERT INTO low_stock (product_id) SELECT id FROM low ORDER BY id
        ON CONFLICT DO NOTHING RETURNING product_id
    )
    SELECT id, sku, name, available FROM low JOIN told ON product_id = id ORDER BY available, sku
""")


@dataclass(frozen=True, slots=True)
class Low:
    """A product, and how many units of it may still be promised."""

    product_id: UUID
    sku: str
    name: str
    available: int


def newly_low(session: Session) -> Sequence[Low]:
    """List products on sale that have become low since the last look, the fewest units first."""
    return [Low(*row) for row in session.execute(_LOOK)]
