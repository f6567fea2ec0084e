"""Orders are found by what was bought, by which gateway, and by how their payment stands.

Most orders are captured or were never paid; those are found on the way, so that the index of
payments' states is of the others, and no checkout writes to it.
"""

from collections.abc import Sequence

from alembic import op

from migrations import locks

revision: str = "0029"
down_revision: str | None = "0028"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

RARE = "payment_status IN ('authorized', 'failed', 'partially_refunded', 'refunded')"
INDEXES = (
    ("ix_orders_payment_status", "orders", ["payment_status", "created_at", "id"], RARE),
    ("ix_order_lines_sku_order_id", "order_lines", ["sku", "order_id"], None),
    ("ix_payments_gateway_order_id", "payments", ["gateway", "order_id"], None),
)


def upgrade() -> None:
    """Build them beside what goes on; half of one, left by a try that broke off, goes."""
    locks.build(INDEXES)


def downgrade() -> None:
    """Go back to 0028."""
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table)
