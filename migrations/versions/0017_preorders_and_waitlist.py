"""Products that are sold before they are there, and customers who wait for others."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

RECORDED = """
    id, sku, slug, name, description, category_id, metal, purity, gross_weight_mg, net_weight_mg,
    stone, huid, hsn_code, price, tax_basis_points, is_active, purchase_limit, low_stock_threshold,
    created_at
"""


def upgrade() -> None:
    """Nothing is on pre-order, and nobody waits."""
    op.add_column("products", sa.Column("preorder_ships_on", sa.Date(), nullable=True))
    op.add_column("order_lines", sa.Column("ships_on", sa.Date(), nullable=True))
    _record(f"{RECORDED}, preorder_ships_on")
    moment = postgresql.TIMESTAMP(timezone=True)
    op.create_table(
        "waitlist_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("told_at", moment, nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_waitlist_entries_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_waitlist_entries_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entries")),
    )
    waiting = sa.text("told_at IS NULL")
    op.create_index(
        "ix_waitlist_entries_waiting", "waitlist_entries", ["product_id", "created_at", "id"],
        postgresql_where=waiting,
    )  # fmt: skip
    op.create_index(
        "uq_waitlist_entries_waiting", "waitlist_entries", ["user_id", "product_id"], unique=True,
        postgresql_where=waiting,
    )  # fmt: skip
    op.create_index("ix_waitlist_entries_told", "waitlist_entries", ["product_id", "told_at"])


def _record(columns: str) -> None:
    op.execute(
        f"CREATE OR REPLACE TRIGGER products_recorded AFTER INSERT OR DELETE OR UPDATE OF {columns}"
        " ON products FOR EACH ROW EXECUTE FUNCTION record_change('id', '')"
    )


def downgrade() -> None:
    """Go back to 0016."""
    op.drop_table("waitlist_entries")
    _record(RECORDED)
    op.drop_column("order_lines", "ships_on")
    op.drop_column("products", "preorder_ships_on")
