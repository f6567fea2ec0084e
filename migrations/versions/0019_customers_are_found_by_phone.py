"""Customers are found by their phone."""

from collections.abc import Sequence

from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Build the index beside what goes on; half of one, left by a try that broke off, goes."""
    with op.get_context().autocommit_block():
        op.drop_index("ix_users_phone", "users", if_exists=True, postgresql_concurrently=True)
        op.create_index("ix_users_phone", "users", ["phone"], postgresql_concurrently=True)


def downgrade() -> None:
    """Go back to 0018."""
    op.drop_index("ix_users_phone", "users")
