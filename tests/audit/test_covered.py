"""No table and no column is forgotten: each is recorded, or left out for a reason."""

import pytest
from sqlalchemy import text

from app.core.db import Base

# What tells of its changes itself: append-only, read together with the log.
RECORDS = {
    "audit_log", "invoices", "order_cancellations", "order_transitions", "return_dispositions",
    "return_steps",
    "stock_movements",
}  # fmt: skip
LEFT_OUT = {
    "addresses": "a customer's own; orders keep what they were placed with",
    "cart_items": "a customer's own",
    "coupon_customers": "counts; orders tell of their coupons",
    "coupon_uses": "follow their orders",
    "imports": "what they change is recorded",
    "invoice_series": "counts; invoices tell of themselves",
    "clock_jobs": "the clock's memory",
    "clock_runs": "the clock's memory",
    "downtimes": "a gateway's",
    "idempotency_keys": "answers, forgotten after a while",
    "low_stock": "told by mail",
    "notifications": "a customer's own",
    "outbox": "jobs; what they do is recorded",
    "preorder_arrivals": "added and never changed, each with its actor",
    "password_resets": "secrets; what they do is recorded",
    "reconciliation_differences": "findings; what is repaired is recorded where it is",
    "reconciliations": "findings",
    "reservations": "follow their orders",
    "sessions": "sign-ins",
    "stock_adjustments": "told by movements",
    "stock_drifts": "findings",
    "subscriber_deliveries": "what was sent",
    "subscriber_delivery_tries": "what was sent",
    "waitlist_entries": "a customer's own",
    "webhook_events": "what was delivered, to the byte",
}
# Columns that no change is recorded of, unless it comes with another one.
UNWATCHED = {
    "coupons": {"uses"},
    "orders": {"expires_at", "extended_at"},
    "payment_attempts": {"method", "error_reason", "begun_at"},
    "payments": {"gateway_order_id", "polls", "next_poll_at", "verified_at"},
    "products": {"on_hand_by_counter", "stock_quantity", "stock_version", "stock_epoch"},
    "refunds": {"asked_at", "polls", "last_error", "next_poll_at", "begun_at", "ended_at"},
    "subscribers": {"failing_since", "rests_until"},
    # Of the newest code that was used: each sign-in has one.
    "users": {"totp_last_step"},
}
WATCHED = text("""
    SELECT relname, array_remove(array_agg(attname::text), NULL)
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        LEFT JOIN pg_attribute ON attrelid = tgrelid AND attnum = ANY(tgattr)
    WHERE tgfoid = 'record_change'::regproc AND tgtype & 16 > 0 GROUP BY relname
""")


@pytest.fixture
def watched(session):
    """The columns of which an UPDATE is recorded, by table."""
    tables = Base.metadata.tables
    return {
        name: set(columns or tables[name].c.keys()) for name, columns in session.execute(WATCHED)
    }


def test_every_table_is_recorded_or_left_out_for_a_reason(watched):
    assert set(watched).isdisjoint(LEFT_OUT.keys() | RECORDS)
    assert set(watched) | LEFT_OUT.keys() | RECORDS == set(Base.metadata.tables)


def test_every_column_of_a_recorded_table_is_watched_or_left_out_by_name(watched):
    for name, columns in watched.items():
        assert set(Base.metadata.tables[name].c.keys()) - columns == UNWATCHED.get(name, set())


@pytest.mark.parametrize("table", ["orders", "order_lines", "reservations", "idempotency_keys"])
def test_what_a_checkout_writes_fires_nothing(session, table):
    fired = text("""
        SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:table AS regclass)
            AND NOT tgisinternal AND tgtype & 4 > 0
    """)

    assert session.scalars(fired, {"table": table}).all() == []
