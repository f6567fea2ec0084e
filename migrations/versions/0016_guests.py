"""Guests, who tell any mail address; and what is saved for later."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Let guests in."""
    _let_in("'guest', 'customer', 'staff', 'admin'")
    op.drop_constraint(op.f("uq_users_email"), "users")
    of_accounts = sa.text("role <> 'guest'")
    op.create_index("uq_users_email", "users", ["email"], unique=True, postgresql_where=of_accounts)
    op.create_index("ix_users_email", "users", ["email"])
    op.add_column(
        "cart_items",
        sa.Column("is_saved", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def _let_in(roles: str) -> None:
    op.drop_constraint(op.f("ck_users_role_known"), "users")
    op.create_check_constraint(op.f("ck_users_role_known"), "users", f"role IN ({roles})")


def downgrade() -> None:
    """Go back to 0015; guests become customers that nobody can sign in to."""
    op.drop_column("cart_items", "is_saved")
    op.drop_index("ix_users_email", "users")
    op.drop_index("uq_users_email", "users")
    op.execute(
        "UPDATE users SET role = 'customer', email = id || '@guest.invalid' WHERE role = 'guest'"
    )
    _let_in("'customer', 'staff', 'admin'")
    op.create_unique_constraint(op.f("uq_users_email"), "users", ["email"])
