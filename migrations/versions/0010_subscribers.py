"""The shop's other systems are told of events."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = postgresql.TIMESTAMP(timezone=True)
NOW = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("secret_generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column("previous_secret_until", TIME, nullable=True),
        sa.Column("disabled_at", TIME, nullable=True),
        sa.Column("disabled_because", sa.Text(), nullable=True),
        sa.Column("failing_since", TIME, nullable=True),
        sa.Column("rests_until", TIME, nullable=True),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint("url ~ '^https?://'", name=op.f("ck_subscribers_url_is_http")),
        sa.CheckConstraint("cardinality(events) > 0", name=op.f("ck_subscribers_events_named")),
        sa.CheckConstraint(
            "secret_generation > 0", name=op.f("ck_subscribers_secret_generation_positive")
        ),
        sa.CheckConstraint(
            "(disabled_at IS NULL) = (disabled_because IS NULL)",
            name=op.f("ck_subscribers_disabled_with_reason"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
    )
    op.create_index("ix_subscribers_created_at_id", "subscribers", ["created_at", "id"])
    _deliveries()
    _tries()


def _deliveries() -> None:
    op.create_table(
        "subscriber_deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscriber_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", TIME, server_default=NOW, nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("delivered_at", TIME, nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'delivered', 'failed')",
            name=op.f("ck_subscriber_deliveries_status_known"),
        ),
        sa.CheckConstraint(
            "(status = 'delivered') = (delivered_at IS NOT NULL)",
            name=op.f("ck_subscriber_deliveries_delivered_with_time"),
        ),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_subscriber_deliveries_tries_not_negative")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], ondelete="CASCADE",
            name=op.f("fk_subscriber_deliveries_subscriber_id_subscribers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber_deliveries")),
        sa.UniqueConstraint(
            "subscriber_id", "event_id",
            name=op.f("uq_subscriber_deliveries_subscriber_id_event_id"),
        ),
    )  # fmt: skip
    op.create_index(
        "ix_subscriber_deliveries_due",
        "subscriber_deliveries",
        ["subscriber_id", "due_at"],
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_index(
        "ix_subscriber_deliveries_subscriber_id_created_at_id",
        "subscriber_deliveries",
        ["subscriber_id", "created_at", "id"],
    )
    op.create_index(
        "ix_subscriber_deliveries_subscriber_id_status_created_at_id",
        "subscriber_deliveries",
        ["subscriber_id", "status", "created_at", "id"],
    )
    op.create_index("ix_subscriber_deliveries_created_at", "subscriber_deliveries", ["created_at"])


def _tries() -> None:
    op.create_table(
        "subscriber_delivery_tries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("tried_at", TIME, server_default=NOW, nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(http_status IS NULL) = (error IS NOT NULL)",
            name=op.f("ck_subscriber_delivery_tries_answered_or_not"),
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["subscriber_deliveries.id"], ondelete="CASCADE",
            name=op.f("fk_subscriber_delivery_tries_delivery_id_subscriber_deliveries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber_delivery_tries")),
    )  # fmt: skip
    op.create_index(
        "ix_subscriber_delivery_tries_delivery_id_id",
        "subscriber_delivery_tries",
        ["delivery_id", "id"],
    )


def downgrade() -> None:
    for table in ("subscriber_delivery_tries", "subscriber_deliveries", "subscribers"):
        op.drop_table(table)
