"""Orders live on: parcels have a number, units are given up after they were paid for."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_OPEN = "status IN ('confirmed', 'processing', 'shipped', 'return_requested')"


def upgrade() -> None:
    """Write down parcels and cancellations, and let staff find orders."""
    op.add_column("orders", sa.Column("courier", sa.Text()))
    op.add_column("orders", sa.Column("tracking_number", sa.Text()))
    for name in ("cancelled_quantity", "returned_quantity"):
        column = sa.Column(name, sa.Integer(), server_default="0", nullable=False)
        op.add_column("order_lines", column)
    op.create_check_constraint(
        op.f("ck_order_lines_gone_within_quantity"),
        "order_lines",
        "cancelled_quantity >= 0 AND returned_quantity >= 0"
        " AND cancelled_quantity + returned_quantity <= quantity",
    )
    op.create_index("ix_orders_created_at_id", "orders", ["created_at", "id"])
    op.create_index(
        "ix_orders_open", "orders", ["status", "created_at", "id"], postgresql_where=sa.text(_OPEN)
    )
    op.create_table(
        "order_cancellations",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("units", postgresql.JSONB(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_order_cancellations_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_cancellations_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_cancellations")),
    )
    op.create_index(
        "uq_order_cancellations_order_id_reference",
        "order_cancellations",
        ["order_id", "reference"],
        unique=True,
    )
    op.execute(
        "CREATE TRIGGER order_cancellations_append_only BEFORE UPDATE OR DELETE"
        " ON order_cancellations FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Go back to 0006."""
    op.drop_table("order_cancellations")
    op.drop_index("ix_orders_open", "orders")
    op.drop_index("ix_orders_created_at_id", "orders")
    op.drop_constraint(op.f("ck_order_lines_gone_within_quantity"), "order_lines")
    op.drop_column("order_lines", "returned_quantity")
    op.drop_column("order_lines", "cancelled_quantity")
    op.drop_column("orders", "tracking_number")
    op.drop_column("orders", "courier")
