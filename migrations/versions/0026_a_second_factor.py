"""Who works in the shop may have a second factor; its secret is in no column."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0026"
down_revision: str | None = "0025"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# All but the step of the newest code, which changes with every sign-in.
WATCHED = """id, email, name, phone, password_hash, role, email_verified_at, deleted_at,
    totp_generation, totp_enabled_at, created_at"""
RECORDED = """
CREATE TRIGGER users_recorded AFTER UPDATE{columns} OR DELETE
ON users FOR EACH ROW EXECUTE FUNCTION record_change('id', 'email name phone password_hash')
"""


def upgrade() -> None:
    """Nobody has one yet; the default is no row's own, so that none is written."""
    op.add_column(
        "users", sa.Column("totp_generation", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column("users", sa.Column("totp_enabled_at", postgresql.TIMESTAMP(timezone=True)))
    op.add_column("users", sa.Column("totp_last_step", sa.BigInteger()))
    op.execute("DROP TRIGGER users_recorded ON users")
    op.execute(RECORDED.format(columns=f" OF {WATCHED}"))


def downgrade() -> None:
    """Go back to 0025; everybody signs in by the password alone."""
    op.execute("DROP TRIGGER users_recorded ON users")
    op.execute(RECORDED.format(columns=""))
    for column in ("totp_last_step", "totp_enabled_at", "totp_generation"):
        op.drop_column("users", column)
