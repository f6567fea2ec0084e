"""Epochs, purchase limits, every kind of movement with its balance, and drifts."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SIGNS = (
    "CASE kind WHEN 'receipt' THEN units > 0 WHEN 'restock' THEN units > 0"
    " WHEN 'sale' THEN units < 0 WHEN 'write_off' THEN units < 0"
    " ELSE kind = 'adjustment' END"
)
# At the end of a transaction, whatever it did in between: on hand is what the ledger says.
REFUSE_UNBOOKED = """
CREATE FUNCTION refuse_unbooked_stock() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    on_hand integer;
    booked integer;
BEGIN
    SELECT stock_quantity INTO on_hand FROM products WHERE id = NEW.id;
    SELECT balance INTO booked FROM stock_movements
        WHERE product_id = NEW.id ORDER BY id DESC LIMIT 1;
    IF on_hand <> coalesce(booked, 0) THEN
        RAISE EXCEPTION 'on hand of % is %, and the ledger says %',
            NEW.sku, on_hand, coalesce(booked, 0) USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$
"""


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("stock_epochs")))
    op.add_column(
        "products", sa.Column("stock_epoch", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column(
        "products", sa.Column("purchase_limit", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_products_purchase_limit_not_negative"), "products", "purchase_limit >= 0"
    )

    op.add_column(
        "reservations", sa.Column("returned", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("reservations", sa.Column("buyer", sa.Text(), nullable=True))
    op.execute(
        "UPDATE reservations SET buyer = orders.user_id::text FROM orders"
        " WHERE orders.id = reservations.order_id"
    )
    op.alter_column("reservations", "buyer", nullable=False)
    op.create_check_constraint(
        op.f("ck_reservations_returned_within_units"),
        "reservations",
        "returned BETWEEN 0 AND units",
    )
    op.create_check_constraint(
        op.f("ck_reservations_returned_after_paid"),
        "reservations",
        "returned = 0 OR state = 'committed'",
    )
    op.create_index(
        "ix_reservations_bought",
        "reservations",
        ["product_id", "buyer"],
        postgresql_where=sa.text("state = 'committed'"),
    )

    _upgrade_ledger()

    op.create_table(
        "stock_adjustments",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_stock_adjustments")),
    )
    op.create_table(
        "stock_drifts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_repaired", sa.Boolean(), nullable=False),
        sa.Column(
            "found_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_stock_drifts_product_id_products")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_drifts")),
    )
    op.create_index("ix_stock_drifts_product_id_id", "stock_drifts", ["product_id", "id"])


def _upgrade_ledger() -> None:
    op.add_column("stock_movements", sa.Column("balance", sa.Integer(), nullable=True))
    op.add_column("stock_movements", sa.Column("reason", sa.Text(), nullable=True))
    # The one time that rows of the ledger are written over: they are given what they lacked.
    op.execute("ALTER TABLE stock_movements DISABLE TRIGGER stock_movements_append_only")
    op.execute(
        "UPDATE stock_movements AS m SET balance = b.balance FROM (SELECT id,"
        " sum(units) OVER (PARTITION BY product_id ORDER BY id) AS balance FROM stock_movements"
        ") AS b WHERE b.id = m.id"
    )
    op.execute("ALTER TABLE stock_movements ENABLE TRIGGER stock_movements_append_only")
    op.alter_column("stock_movements", "balance", nullable=False)
    op.drop_constraint(op.f("ck_stock_movements_kind_fits_sign"), "stock_movements")
    op.drop_constraint(op.f("ck_stock_movements_kind_known"), "stock_movements")
    for name, condition in {
        "kind_fits_sign": SIGNS,
        "balance_not_negative": "balance >= 0",
        "reason_given": "reason <> '' AND (reason IS NOT NULL"
        " OR kind NOT IN ('adjustment', 'write_off'))",
    }.items():
        op.create_check_constraint(op.f(f"ck_stock_movements_{name}"), "stock_movements", condition)
    op.execute(REFUSE_UNBOOKED)
    op.execute(
        "CREATE CONSTRAINT TRIGGER products_on_hand_booked"
        " AFTER INSERT OR UPDATE OF stock_quantity ON products"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unbooked_stock()"
    )


def downgrade() -> None:
    op.drop_index("ix_stock_drifts_product_id_id", table_name="stock_drifts")
    op.drop_table("stock_drifts")
    op.drop_table("stock_adjustments")
    op.execute("DROP TRIGGER products_on_hand_booked ON products")
    op.execute("DROP FUNCTION refuse_unbooked_stock()")
    for name in ("kind_fits_sign", "balance_not_negative", "reason_given"):
        op.drop_constraint(op.f(f"ck_stock_movements_{name}"), "stock_movements")
    # What the older ledger has no word for reads as a receipt or a sale.
    op.execute("ALTER TABLE stock_movements DISABLE TRIGGER stock_movements_append_only")
    op.execute(
        "UPDATE stock_movements SET kind = CASE WHEN units < 0 THEN 'sale' ELSE 'receipt' END"
    )
    op.execute("ALTER TABLE stock_movements ENABLE TRIGGER stock_movements_append_only")
    op.create_check_constraint(
        op.f("ck_stock_movements_kind_fits_sign"),
        "stock_movements",
        "(kind = 'sale') = (units < 0)",
    )
    op.create_check_constraint(
        op.f("ck_stock_movements_kind_known"), "stock_movements", "kind IN ('receipt', 'sale')"
    )
    op.drop_column("stock_movements", "reason")
    op.drop_column("stock_movements", "balance")
    op.drop_index(
        "ix_reservations_bought",
        table_name="reservations",
        postgresql_where=sa.text("state = 'committed'"),
    )
    op.drop_column("reservations", "buyer")
    op.drop_column("reservations", "returned")
    op.drop_constraint(op.f("ck_products_purchase_limit_not_negative"), "products")
    op.drop_column("products", "purchase_limit")
    op.drop_column("products", "stock_epoch")
    op.execute("DROP SEQUENCE stock_epochs")
