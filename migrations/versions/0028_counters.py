"""A product's units may be split over several counters in Redis."""

from collections.abc import Sequence

from alembic import op

from migrations import locks

revision: str = "0028"
down_revision: str | None = "0027"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

RECORDED = """
    id, sku, slug, name, description, category_id, metal, purity, gross_weight_mg, net_weight_mg,
    stone, huid, hsn_code, price, tax_basis_points, is_active, purchase_limit, low_stock_threshold,
    created_at, preorder_ships_on, revision, has_waiting_room
"""
CHECKS = {
    "counters_few": "counters BETWEEN 1 AND 64",
    "on_hand_by_counter_adds_up": "on_hand_by_counter IS NULL OR (0 <= ALL (on_hand_by_counter)"
    " AND sum_of(on_hand_by_counter) = stock_quantity)",
}


def upgrade() -> None:
    """None is: each has one counter, as before."""
    # In pieces, each of which may have been done by a try that broke off.
    op.execute("""
        CREATE OR REPLACE FUNCTION sum_of(integer[]) RETURNS bigint LANGUAGE sql IMMUTABLE
        PARALLEL SAFE RETURN (SELECT sum(one) FROM unnest($1) AS one)
    """)
    op.execute(
        "ALTER TABLE products ADD COLUMN IF NOT EXISTS counters smallint DEFAULT 1 NOT NULL,"
        " ADD COLUMN IF NOT EXISTS on_hand_by_counter integer[]"
    )
    for name, condition in CHECKS.items():
        op.execute(f"ALTER TABLE products DROP CONSTRAINT IF EXISTS ck_products_{name}")
        added = f"ADD CONSTRAINT ck_products_{name} CHECK ({condition}) NOT VALID"
        op.execute(f"ALTER TABLE products {added}")
    _record(f"{RECORDED}, counters")
    with locks.beside():
        for name in CHECKS:
            op.execute(f"ALTER TABLE products VALIDATE CONSTRAINT ck_products_{name}")


def _record(columns: str) -> None:
    op.execute(
        f"CREATE OR REPLACE TRIGGER products_recorded AFTER INSERT OR DELETE OR UPDATE OF {columns}"
        " ON products FOR EACH ROW EXECUTE FUNCTION record_change('id', '')"
    )


def downgrade() -> None:
    """Go back to 0027."""
    _record(RECORDED)
    for name in CHECKS:
        op.execute(f"ALTER TABLE products DROP CONSTRAINT ck_products_{name}")
    op.drop_column("products", "on_hand_by_counter")
    op.drop_column("products", "counters")
    op.execute("DROP FUNCTION sum_of(integer[])")
