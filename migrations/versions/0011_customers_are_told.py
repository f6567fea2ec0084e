"""Customers are told what happens to their orders, and staff which products run low."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _now(name: str) -> sa.Column[object]:
    return sa.Column(
        name,
        postgresql.TIMESTAMP(timezone=True),
        server_default=sa.text("now()"),
        nullable=False,
    )


def upgrade() -> None:
    """Keep notifications, and what staff were told runs low."""
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("read_at", postgresql.TIMESTAMP(timezone=True)),
        sa.Column("mail_error", sa.Text()),
        _now("created_at"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notifications_user_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_notifications_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index(
        "ix_notifications_user_id_created_at_id", "notifications", ["user_id", "created_at", "id"]
    )
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["user_id"],
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index("ix_notifications_read_at", "notifications", ["read_at"])
    op.create_index("ix_order_transitions_created_at", "order_transitions", ["created_at"])
    op.create_table(
        "low_stock",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        _now("since"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_low_stock_product_id_products")
        ),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_low_stock")),
    )


def downgrade() -> None:
    """Go back to 0010."""
    op.drop_table("low_stock")
    op.drop_index("ix_order_transitions_created_at", "order_transitions")
    op.drop_table("notifications")
