"""How often an event was tried in vain."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column(
        "webhook_events", sa.Column("tries", sa.Integer(), server_default="0", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("webhook_events", "tries")
