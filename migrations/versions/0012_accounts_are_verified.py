"""Accounts: verified, with passwords that can be set anew, erased where their owner leaves."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _time(name: str, *, is_now: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if is_now else None
    column_type = postgresql.TIMESTAMP(timezone=True)
    return sa.Column(name, column_type, server_default=default, nullable=not is_now)


def upgrade() -> None:
    """Ask new accounts to show whose they are; those that are there have been used."""
    op.add_column("users", _time("email_verified_at"))
    op.add_column("users", _time("deleted_at"))
    op.execute("UPDATE users SET email_verified_at = created_at")
    op.create_index("ix_users_created_at_id", "users", ["created_at", "id"])
    op.create_table(
        "password_resets",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        _time("used_at"),
        _time("created_at", is_now=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_password_resets_user_id_users")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_password_resets")),
    )
    op.create_index(op.f("ix_password_resets_user_id"), "password_resets", ["user_id"])
    op.create_index(op.f("ix_password_resets_expires_at"), "password_resets", ["expires_at"])


def downgrade() -> None:
    """Go back to 0011."""
    op.drop_table("password_resets")
    op.drop_index("ix_users_created_at_id", "users")
    op.drop_column("users", "deleted_at")
    op.drop_column("users", "email_verified_at")
