"""The back office finds what is rare: what people did, who works here, jobs that failed.

The indexes are built beside what goes on, since their tables may be large.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

PEOPLE = "actor ~ '^(guest|customer|staff|admin):'"
INDEXES = (
    ("ix_refunds_created_at_id", "refunds", ["created_at", "id"], None),
    ("ix_users_role_created_at_id", "users", ["role", "created_at", "id"], None),
    ("ix_outbox_failed", "outbox", ["id"], "failed_at IS NOT NULL"),
    ("ix_stock_movements_by_people", "stock_movements", ["actor", "created_at", "id"], PEOPLE),
    ("ix_order_transitions_by_people", "order_transitions", ["actor", "created_at", "id"], PEOPLE),
)


def upgrade() -> None:
    """Build them; half of one, left by a try that broke off, goes."""
    with op.get_context().autocommit_block():
        for name, table, columns, where in INDEXES:
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                columns,
                postgresql_where=None if where is None else sa.text(where),
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    """Go back to 0020."""
    for name, table, _, _ in INDEXES:
        op.drop_index(name, table)
