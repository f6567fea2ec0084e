"""The clock remembers what it ran; ended jobs are found by when they ended.

The index is built beside what goes on, since the outbox may be large.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    # First, since it ends what was begun before it; half of one, left by a try that broke off, goes.
    with op.get_context().autocommit_block():
        op.drop_index("ix_outbox_done_at", "outbox", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_outbox_done_at",
            "outbox",
            ["done_at"],
            postgresql_where=sa.text("done_at IS NOT NULL"),
            postgresql_concurrently=True,
        )
    op.create_table(
        "clock_jobs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("is_needed", sa.Boolean(), nullable=False),
        sa.Column("grace_seconds", sa.Integer(), nullable=False),
        sa.Column("next_due_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_clock_jobs")),
    )
    op.create_table(
        "clock_runs",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "outcome IN ('done', 'failed')", name=op.f("ck_clock_runs_outcome_known")
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (outcome IS NULL)", name=op.f("ck_clock_runs_ended_with_outcome")
        ),
        sa.PrimaryKeyConstraint("name", "due_at", name=op.f("pk_clock_runs")),
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_done_at", "outbox")
    op.drop_table("clock_runs")
    op.drop_table("clock_jobs")
