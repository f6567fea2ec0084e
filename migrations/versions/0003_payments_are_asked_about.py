"""When Razorpay is asked about an open payment next; those that are open begin now."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("payments", sa.Column("polls", sa.Integer(), server_default="0", nullable=False))
    op.add_column(
        "payments", sa.Column("next_poll_at", postgresql.TIMESTAMP(timezone=True), nullable=True)
    )
    op.create_index("ix_payments_next_poll_at", "payments", ["next_poll_at"])
    op.execute("UPDATE payments SET next_poll_at = now() WHERE razorpay_order_id IS NOT NULL")


def downgrade() -> None:
    op.drop_index("ix_payments_next_poll_at", table_name="payments")
    op.drop_column("payments", "next_poll_at")
    op.drop_column("payments", "polls")
