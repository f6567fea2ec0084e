"""A product may be sold from a waiting room."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0026"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

RECORDED = """
    id, sku, slug, name, description, category_id, metal, purity, gross_weight_mg, net_weight_mg,
    stone, huid, hsn_code, price, tax_basis_points, is_active, purchase_limit, low_stock_threshold,
    created_at, preorder_ships_on, revision
"""


def upgrade() -> None:
    """None is, as before."""
    op.add_column(
        "products",
        sa.Column("has_waiting_room", sa.Boolean(), server_default="false", nullable=False),
    )
    _record(f"{RECORDED}, has_waiting_room")


def _record(columns: str) -> None:
    op.execute(
        f"CREATE OR REPLACE TRIGGER products_recorded AFTER INSERT OR DELETE OR UPDATE OF {columns}"
        " ON products FOR EACH ROW EXECUTE FUNCTION record_change('id', '')"
    )


def downgrade() -> None:
    """Go back to 0026."""
    _record(RECORDED)
    op.drop_column("products", "has_waiting_room")
