"""Several gateways, refunds in parts, disputes, settlements, days compared, alerts.

Going back is refused by the old constraints themselves where a payment of another gateway, or a
status of now, would not fit into them.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TIME = postgresql.TIMESTAMP(timezone=True)
NOW = sa.text("now()")

# Names that were Razorpay's: table, column and what goes by its name.
RENAMED = {
    ("payments", "razorpay_order_id", "gateway_order_id"): {
        "constraint": ["uq_payments_razorpay_order_id"]
    },
    ("payment_attempts", "razorpay_payment_id", "gateway_payment_id"): {},
    ("refunds", "razorpay_payment_id", "gateway_payment_id"): {
        "constraint": ["fk_refunds_razorpay_payment_id_payment_attempts"],
        "index": ["ix_refunds_razorpay_payment_id"],
    },
    ("refunds", "razorpay_refund_id", "gateway_refund_id"): {
        "constraint": ["uq_refunds_razorpay_refund_id"]
    },
}

STATUSES = {
    "payments": (
        "'created', 'authorized', 'captured', 'failed', 'refunded'",
        "'created', 'authorized', 'captured', 'failed', 'partially_refunded', 'refunded'",
    ),
    "payment_attempts": (
        "'authorized', 'captured', 'failed'",
        "'created', 'failed', 'authorized', 'lapsed', 'captured'",
    ),
}
PAID = (
    "status NOT IN ('confirmed', 'processing', 'shipped', 'delivered')"
    " OR payment_status NOT IN ('pending', 'authorized', 'failed')"
)


def upgrade() -> None:
    for (table, old, new), named in RENAMED.items():
        _rename(table, old, new, named)
    for table, (_, statuses) in STATUSES.items():
        _know(table, statuses)
    _orders()
    _payments()
    _attempts()
    _refunds()
    _new_tables()
    op.add_column(
        "webhook_events",
        sa.Column("gateway", sa.Text(), server_default="razorpay", nullable=False),
    )
    op.alter_column("webhook_events", "gateway", server_default=None)
    op.create_index(
        "ix_webhook_events_received_at_event_id", "webhook_events", ["received_at", "event_id"]
    )


def downgrade() -> None:
    op.drop_index("ix_webhook_events_received_at_event_id", "webhook_events")
    op.drop_column("webhook_events", "gateway")
    for table in (
        "alerts", "reconciliation_differences", "reconciliations", "downtimes", "settlements",
        "disputes",
    ):  # fmt: skip
        op.drop_table(table)
    _old_refunds()
    _old_attempts()
    op.drop_index("ix_payments_created_at_id", "payments")
    op.drop_index("uq_payments_order_id_gateway", "payments")
    op.create_unique_constraint(op.f("uq_payments_order_id"), "payments", ["order_id"])
    op.drop_column("payments", "gateway")
    op.drop_constraint(op.f("ck_orders_confirmed_is_paid"), "orders")
    op.create_check_constraint(op.f("ck_orders_confirmed_is_paid"), "orders", PAID)
    op.drop_column("orders", "pays_on_delivery")
    for table, (statuses, _) in STATUSES.items():
        _know(table, statuses)
    for (table, old, new), named in RENAMED.items():
        back = {kind: [name.replace(old, new) for name in names] for kind, names in named.items()}
        _rename(table, new, old, back)


def _old_refunds() -> None:
    for index in ("ix_refunds_next_poll_at", "ix_refunds_status_created_at_id"):
        op.drop_index(index, "refunds")
    for name in ("foreign_has_gateway_id", "speed_known"):
        op.drop_constraint(op.f(f"ck_refunds_{name}"), "refunds")
    for column in (
        "actor", "is_ours", "speed", "speed_processed", "asked_at", "polls", "last_error", "next_poll_at", "begun_at",
        "ended_at",
    ):  # fmt: skip
        op.drop_column("refunds", column)


def _old_attempts() -> None:
    op.drop_index("ix_payment_attempts_begun_at", "payment_attempts")
    op.drop_index("uq_payment_attempts_kept", "payment_attempts")
    op.create_index(
        "uq_payment_attempts_kept",
        "payment_attempts",
        ["payment_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'kept'"),
    )
    for name in ("refunded_within_captured", "refunded_is_captured", "amount_lost_not_negative"):
        op.drop_constraint(op.f(f"ck_payment_attempts_{name}"), "payment_attempts")
    for column in ("order_id", "amount_refunded", "amount_lost", "begun_at"):
        op.drop_column("payment_attempts", column)


def _rename(table: str, old: str, new: str, named: dict[str, list[str]]) -> None:
    op.alter_column(table, old, new_column_name=new)
    for kind, names in named.items():
        for name in names:
            renamed = name.replace(old, new)
            if kind == "index":
                op.execute(f"ALTER INDEX {name} RENAME TO {renamed}")
            else:
                op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {name} TO {renamed}")


def _know(table: str, statuses: str) -> None:
    name = op.f(f"ck_{table}_status_known")
    op.drop_constraint(name, table)
    op.create_check_constraint(name, table, f"status IN ({statuses})")


def _orders() -> None:
    op.add_column(
        "orders",
        sa.Column(
            "pays_on_delivery", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
    )
    op.drop_constraint(op.f("ck_orders_confirmed_is_paid"), "orders")
    op.create_check_constraint(
        op.f("ck_orders_confirmed_is_paid"),
        "orders",
        f"{PAID} OR (pays_on_delivery AND payment_status = 'authorized')",
    )


def _payments() -> None:
    op.add_column(
        "payments", sa.Column("gateway", sa.Text(), server_default="razorpay", nullable=False)
    )
    op.alter_column("payments", "gateway", server_default=None)
    op.drop_constraint(op.f("uq_payments_order_id"), "payments")
    op.create_index(
        "uq_payments_order_id_gateway", "payments", ["order_id", "gateway"], unique=True
    )
    op.create_index("ix_payments_created_at_id", "payments", ["created_at", "id"])


def _attempts() -> None:
    table = "payment_attempts"
    op.add_column(table, sa.Column("order_id", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE payment_attempts SET order_id = payments.order_id FROM payments"
        " WHERE payments.id = payment_id"
    )
    op.alter_column(table, "order_id", nullable=False)
    op.create_foreign_key(
        op.f("fk_payment_attempts_order_id_orders"), table, "orders", ["order_id"], ["id"]
    )
    for column in ("amount_refunded", "amount_lost"):
        op.add_column(table, sa.Column(column, sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(table, sa.Column("begun_at", TIME, nullable=True))
    op.execute(
        "UPDATE payment_attempts SET amount_refunded = (SELECT coalesce(sum(amount), 0)"
        " FROM refunds WHERE refunds.gateway_payment_id = payment_attempts.gateway_payment_id"
        " AND refunds.status <> 'failed')"
    )
    op.create_check_constraint(
        op.f("ck_payment_attempts_refunded_within_captured"),
        table,
        "amount_refunded BETWEEN 0 AND amount",
    )
    op.create_check_constraint(
        op.f("ck_payment_attempts_refunded_is_captured"),
        table,
        "amount_refunded = 0 OR status = 'captured'",
    )
    op.create_check_constraint(
        op.f("ck_payment_attempts_amount_lost_not_negative"), table, "amount_lost >= 0"
    )
    op.drop_index("uq_payment_attempts_kept", table)
    op.create_index(
        "uq_payment_attempts_kept",
        table,
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("outcome = 'kept'"),
    )
    op.create_index("ix_payment_attempts_begun_at", table, ["begun_at"])


def _refunds() -> None:
    for column in (
        sa.Column("actor", sa.Text(), server_default="shop", nullable=False),
        sa.Column("is_ours", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("speed", sa.Text(), server_default="normal", nullable=False),
        sa.Column("speed_processed", sa.Text(), nullable=True),
        sa.Column("asked_at", TIME, nullable=True),
        sa.Column("polls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("next_poll_at", TIME, nullable=True),
        sa.Column("begun_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
    ):
        op.add_column("refunds", column)
    op.alter_column("refunds", "actor", server_default=None)
    # What was under way is asked about now, since the gateway may have heard of it.
    op.execute(
        "UPDATE refunds SET asked_at = created_at, next_poll_at = now() WHERE status = 'pending'"
    )
    op.create_check_constraint(
        op.f("ck_refunds_foreign_has_gateway_id"),
        "refunds",
        "is_ours OR gateway_refund_id IS NOT NULL",
    )
    op.create_check_constraint(
        op.f("ck_refunds_speed_known"), "refunds", "speed IN ('normal', 'optimum')"
    )
    op.create_index("ix_refunds_next_poll_at", "refunds", ["next_poll_at"])
    op.create_index("ix_refunds_status_created_at_id", "refunds", ["status", "created_at", "id"])


def _new_tables() -> None:
    op.create_table(
        "disputes",
        sa.Column("gateway_dispute_id", sa.Text(), nullable=False),
        sa.Column("gateway_payment_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("amount_deducted", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("respond_by", TIME, nullable=True),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "status IN ('open', 'under_review', 'won', 'lost', 'closed')",
            name=op.f("ck_disputes_status_known"),
        ),
        sa.CheckConstraint(
            "amount > 0 AND amount_deducted >= 0", name=op.f("ck_disputes_amounts_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["gateway_payment_id"],
            ["payment_attempts.gateway_payment_id"],
            name=op.f("fk_disputes_gateway_payment_id_payment_attempts"),
        ),
        sa.PrimaryKeyConstraint("gateway_dispute_id", name=op.f("pk_disputes")),
    )
    op.create_index(op.f("ix_disputes_gateway_payment_id"), "disputes", ["gateway_payment_id"])
    op.create_index("ix_disputes_created_at", "disputes", ["created_at", "gateway_dispute_id"])
    op.create_table(
        "settlements",
        sa.Column("gateway_settlement_id", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fees", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("utr", sa.Text(), nullable=True),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("gateway_settlement_id", name=op.f("pk_settlements")),
    )
    op.create_index(
        "ix_settlements_created_at", "settlements", ["created_at", "gateway_settlement_id"]
    )
    op.create_table(
        "downtimes",
        sa.Column("gateway_downtime_id", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("instrument", postgresql.JSONB(), nullable=False),
        sa.Column("began_at", TIME, nullable=True),
        sa.Column("ended_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("gateway_downtime_id", name=op.f("pk_downtimes")),
    )
    op.create_table(
        "reconciliations",
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("captured_at_gateway", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("refunded_at_gateway", sa.BigInteger(), nullable=False),
        sa.Column("foreign_payments", sa.Integer(), nullable=False),
        sa.Column("compared_at", TIME, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("gateway", "day", name=op.f("pk_reconciliations")),
    )
    op.create_table(
        "reconciliation_differences",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("theirs", sa.Text(), nullable=False),
        sa.Column("is_repaired", sa.Boolean(), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["gateway", "day"],
            ["reconciliations.gateway", "reconciliations.day"],
            name=op.f("fk_reconciliation_differences_gateway_reconciliations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_differences")),
    )
    op.create_index(
        "uq_reconciliation_differences",
        "reconciliation_differences",
        ["gateway", "day", "kind", "subject"],
        unique=True,
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, server_default=NOW, nullable=False),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["kind", "subject"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_alerts_created_at_id", "alerts", ["created_at", "id"])
