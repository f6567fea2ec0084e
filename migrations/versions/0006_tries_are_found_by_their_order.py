"""All tries to pay an order are read when one of them is told of."""

from collections.abc import Sequence

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Let them be found by their order."""
    op.create_index("ix_payment_attempts_order_id", "payment_attempts", ["order_id"])


def downgrade() -> None:
    """Go back to 0005."""
    op.drop_index("ix_payment_attempts_order_id", "payment_attempts")
