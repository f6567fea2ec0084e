"""Webhooks and movements of an order are found by it.

Events that came before have no order named; nothing but the page of an order misses them.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEXES = (("webhook_events", "gateway_order_id"), ("stock_movements", "order_id"))


def upgrade() -> None:
    """Build the indexes beside what goes on; half of one, left by a try that broke off, goes."""
    op.add_column(
        "webhook_events", sa.Column("gateway_order_id", sa.Text(), nullable=True),
        if_not_exists=True,
    )  # fmt: skip
    with op.get_context().autocommit_block():
        for table, column in INDEXES:
            name = f"ix_{table}_{column}"
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                [column],
                postgresql_where=sa.text(f"{column} IS NOT NULL"),
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    """Go back to 0022."""
    for table, column in INDEXES:
        op.drop_index(f"ix_{table}_{column}", table)
    op.drop_column("webhook_events", "gateway_order_id")
