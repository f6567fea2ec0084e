"""Jobs of the clock say which queue's workers run them, so that a person can ask for a run."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0024"
down_revision: str | None = "0023"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """The clock fills it at its next start."""
    op.add_column("clock_jobs", sa.Column("queue", sa.Text(), nullable=True))


def downgrade() -> None:
    """Go back to 0023."""
    op.drop_column("clock_jobs", "queue")
