"""Returns: what customers send back, and what becomes of it."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_APPEND_ONLY = ("return_steps", "return_dispositions")


def _now(name: str) -> sa.Column[object]:
    return sa.Column(
        name,
        postgresql.TIMESTAMP(timezone=True),
        server_default=sa.text("now()"),
        nullable=False,
    )


def upgrade() -> None:
    """Write down returns, their lines, their steps, and what was done with the units."""
    op.create_table(
        "returns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text()),
        sa.Column("refund_amount", sa.BigInteger()),
        sa.Column("exchange_order_id", sa.Uuid()),
        _now("created_at"),
        sa.CheckConstraint(
            "status IN ('requested', 'approved', 'rejected', 'withdrawn', 'received')",
            name=op.f("ck_returns_status_known"),
        ),
        sa.CheckConstraint(
            "refund_amount >= 0", name=op.f("ck_returns_refund_amount_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_returns_order_id_orders")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_returns_user_id_users")),
        sa.ForeignKeyConstraint(
            ["exchange_order_id"], ["orders.id"], name=op.f("fk_returns_exchange_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
    )
    op.create_index(op.f("ix_returns_order_id"), "returns", ["order_id"])
    op.create_index("ix_returns_user_id_created_at_id", "returns", ["user_id", "created_at", "id"])
    op.create_index("ix_returns_status_created_at_id", "returns", ["status", "created_at", "id"])
    op.create_index("ix_returns_created_at_id", "returns", ["created_at", "id"])
    op.create_table(
        "return_lines",
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text()),
        sa.Column("photos", postgresql.JSONB(), nullable=False),
        sa.Column("exchange_for", sa.Text()),
        sa.Column("approved", sa.Integer()),
        sa.Column("note", sa.Text()),
        sa.Column("is_to_restock", sa.Boolean()),
        sa.Column("received", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_lines_quantity_positive")),
        sa.CheckConstraint(
            "approved BETWEEN 0 AND quantity", name=op.f("ck_return_lines_approved_within_quantity")
        ),
        sa.CheckConstraint(
            "received BETWEEN 0 AND coalesce(approved, 0)",
            name=op.f("ck_return_lines_received_within_approved"),
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_lines_return_id_returns")
        ),
        sa.PrimaryKeyConstraint("return_id", "sku", name=op.f("pk_return_lines")),
    )
    op.create_table(
        "return_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        _now("created_at"),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_steps_return_id_returns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_steps")),
    )
    op.create_index("ix_return_steps_return_id_id", "return_steps", ["return_id", "id"])
    op.create_table(
        "return_dispositions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("disposition", sa.Text(), nullable=False),
        sa.Column("is_repaired", sa.Boolean(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        _now("created_at"),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_dispositions_quantity_positive")),
        sa.CheckConstraint(
            "disposition IN ('restock', 'repair', 'melt', 'write_off')",
            name=op.f("ck_return_dispositions_disposition_known"),
        ),
        sa.CheckConstraint(
            "NOT is_repaired OR disposition <> 'repair'",
            name=op.f("ck_return_dispositions_repaired_once"),
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["returns.id"], name=op.f("fk_return_dispositions_return_id_returns")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_dispositions")),
    )
    op.create_index(
        "uq_return_dispositions_reference", "return_dispositions", ["reference"], unique=True
    )
    op.create_index(
        "ix_return_dispositions_return_id_id", "return_dispositions", ["return_id", "id"]
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    """Go back to 0007."""
    for table in ("return_dispositions", "return_steps", "return_lines", "returns"):
        op.drop_table(table)
