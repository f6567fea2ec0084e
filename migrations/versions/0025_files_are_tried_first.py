"""Files are tried first: a dry run keeps what it would change, and is carried out once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0025"
down_revision: str | None = "0024"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """What was imported before has no trial."""
    changes = sa.Column(
        "changes", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False
    )
    op.add_column("imports", changes)
    op.add_column("imports", sa.Column("revisions", postgresql.JSONB(), nullable=True))
    op.add_column("imports", sa.Column("trial_id", sa.Uuid(), nullable=True))
    op.create_unique_constraint(op.f("uq_imports_trial_id"), "imports", ["trial_id"])
    op.create_foreign_key(
        op.f("fk_imports_trial_id_imports"), "imports", "imports", ["trial_id"], ["id"]
    )


def downgrade() -> None:
    """Go back to 0024."""
    op.drop_constraint(op.f("fk_imports_trial_id_imports"), "imports", type_="foreignkey")
    op.drop_constraint(op.f("uq_imports_trial_id"), "imports", type_="unique")
    for name in ("trial_id", "revisions", "changes"):
        op.drop_column("imports", name)
