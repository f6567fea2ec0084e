"""Coupons, and the discount of each line of an order."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Let orders have a coupon; those that are there had none."""
    _make_coupons()
    op.add_column("orders", sa.Column("coupon_code", sa.Text(), nullable=True))
    op.add_column("orders", sa.Column("pan", sa.Text(), nullable=True))
    op.add_column(
        "order_lines", sa.Column("discount", sa.BigInteger(), server_default="0", nullable=False)
    )
    # Added unvalidated, so that the tables are not read while they are locked.
    _check("orders", "pan_well_formed", "pan ~ '^[A-Z]{5}[0-9]{4}[A-Z]$'")
    _check("order_lines", "discount_within_price", "discount BETWEEN 0 AND unit_price * quantity")
    op.drop_constraint(op.f("ck_order_lines_total_adds_up"), "order_lines")
    _check("order_lines", "total_adds_up", "total = unit_price * quantity - discount + tax")


def _check(table: str, name: str, rule: str) -> None:
    constraint = f"ck_{table}_{name}"
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK ({rule}) NOT VALID")
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}")


def _make_coupons() -> None:
    op.create_table(
        "coupons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("basis_points", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("minimum_subtotal", sa.BigInteger(), nullable=False),
        sa.Column("maximum_discount", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=True),
        sa.Column("usage_limit", sa.Integer(), nullable=True),
        sa.Column("usage_limit_per_customer", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.text("now()"), nullable=False),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_coupons_{name}"))
            for name, rule in (
                ("code_well_formed", "code ~ '^[A-Z0-9-]{3,40}$'"),
                ("share_or_amount", "(basis_points IS NULL) <> (amount IS NULL)"),
                ("share_plausible", "basis_points BETWEEN 1 AND 10000"),
                ("amounts_positive", "amount > 0 AND maximum_discount > 0"),
                ("minimum_not_negative", "minimum_subtotal >= 0"),
                ("ends_after_start", "ends_at > starts_at"),
                ("limits_positive", "usage_limit > 0 AND usage_limit_per_customer > 0"),
                (
                    "uses_within_limit",
                    "uses >= 0 AND (usage_limit IS NULL OR uses <= usage_limit)",
                ),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
        sa.UniqueConstraint("code", name=op.f("uq_coupons_code")),
    )
    op.create_index("ix_coupons_created_at_id", "coupons", ["created_at", "id"])
    op.create_table(
        "coupon_customers",
        sa.Column("coupon_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.CheckConstraint("uses >= 0", name=op.f("ck_coupon_customers_uses_not_negative")),
        _refers("coupon_customers", "coupon_id", "coupons"),
        _refers("coupon_customers", "user_id", "users"),
        sa.PrimaryKeyConstraint("coupon_id", "user_id", name=op.f("pk_coupon_customers")),
    )
    op.create_table(
        "coupon_uses",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("coupon_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("given_back_at", _MOMENT, nullable=True),
        _refers("coupon_uses", "coupon_id", "coupons"),
        _refers("coupon_uses", "order_id", "orders", deferrable=True, initially="DEFERRED"),
        _refers("coupon_uses", "user_id", "users"),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_coupon_uses")),
    )
    op.create_index("ix_coupon_uses_coupon_id", "coupon_uses", ["coupon_id"])


def _refers(table: str, column: str, to: str, **how: object) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{to}")
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=name, **how)  # type: ignore[arg-type]


def downgrade() -> None:
    """Go back to 0012."""
    op.drop_table("coupon_uses")
    op.drop_table("coupon_customers")
    op.drop_table("coupons")
    op.drop_constraint(op.f("ck_order_lines_total_adds_up"), "order_lines")
    op.drop_column("order_lines", "discount")
    # A line that had one no longer adds up; what is written from now on does.
    op.execute(
        "ALTER TABLE order_lines ADD CONSTRAINT ck_order_lines_total_adds_up"
        " CHECK (total = unit_price * quantity + tax) NOT VALID"
    )
    op.drop_column("orders", "pan")
    op.drop_column("orders", "coupon_code")
