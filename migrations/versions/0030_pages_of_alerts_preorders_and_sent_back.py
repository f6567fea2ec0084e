"""Pages find alerts, what is on pre-order, what of it came, and captures that went back.

The indexes are built beside what goes on, since their tables may be large.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations import locks

revision: str = "0030"
down_revision: str | None = "0029"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

INDEXES = (
    ("ix_alerts_kind_created_at_id", "alerts", ["kind", "created_at", "id"], None),
    ("ix_alerts_open_created_at_id", "alerts", ["created_at", "id"], "closed_at IS NULL"),
    (
        "ix_payment_attempts_sent_back",
        "payment_attempts",
        ["created_at", "gateway_payment_id"],
        "outcome = 'refunded'",
    ),
    (
        "ix_products_preorder_ships_on_sku",
        "products",
        ["preorder_ships_on", "sku"],
        "preorder_ships_on IS NOT NULL",
    ),
    (
        "ix_order_lines_preordered",
        "order_lines",
        ["product_id", "order_id"],
        "ships_on IS NOT NULL",
    ),
)


def upgrade() -> None:
    """Nothing is known of what came before; half of an index, left by a broken try, goes."""
    locks.build(INDEXES)
    op.create_table(
        "preorder_arrivals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("ships_on", sa.Date(), nullable=False),
        sa.Column("promised", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "promised BETWEEN 0 AND received", name=op.f("ck_preorder_arrivals_promises_kept")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_preorder_arrivals_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_preorder_arrivals")),
        sa.Index("ix_preorder_arrivals_created_at_id", "created_at", "id"),
    )


def downgrade() -> None:
    """Go back to 0029; what of pre-orders came is not known any more."""
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table)
    op.drop_table("preorder_arrivals")
