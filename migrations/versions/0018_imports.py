"""Files that are imported; and products count their changes, so that no stale form wins."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

RECORDED = """
    id, sku, slug, name, description, category_id, metal, purity, gross_weight_mg, net_weight_mg,
    stone, huid, hsn_code, price, tax_basis_points, is_active, purchase_limit, low_stock_threshold,
    created_at, preorder_ships_on
"""


def upgrade() -> None:
    """Nothing has been imported."""
    op.add_column(
        "products", sa.Column("revision", sa.Integer(), server_default="1", nullable=False)
    )
    _record(f"{RECORDED}, revision")
    moment = postgresql.TIMESTAMP(timezone=True)
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("counts", postgresql.JSONB(), nullable=True),
        sa.Column("errors", postgresql.JSONB(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("created_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.CheckConstraint("kind IN ('products', 'stock')", name=op.f("ck_imports_kind_known")),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'refused')",
            name=op.f("ck_imports_status_known"),
        ),
        sa.CheckConstraint(
            "rows_done BETWEEN 0 AND rows", name=op.f("ck_imports_rows_done_within_rows")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_created_at_id", "imports", ["created_at", "id"])


def _record(columns: str) -> None:
    op.execute(
        f"CREATE OR REPLACE TRIGGER products_recorded AFTER INSERT OR DELETE OR UPDATE OF {columns}"
        " ON products FOR EACH ROW EXECUTE FUNCTION record_change('id', '')"
    )


def downgrade() -> None:
    """Go back to 0017."""
    op.drop_table("imports")
    _record(RECORDED)
    op.drop_column("products", "revision")
