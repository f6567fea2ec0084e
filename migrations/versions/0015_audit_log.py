"""Every change of stock, money, orders, roles and settings is written down, and stays written.

The indexes are built beside what goes on, since the ledger may be large.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Written once already, by the shop itself; from now on they tell from where, and stay.
TOLD_ELSEWHERE = (
    "stock_movements", "order_transitions", "order_cancellations", "return_dispositions",
)  # fmt: skip
APPEND_ONLY = (*TOLD_ELSEWHERE, "return_steps", "invoices")
INDEXED = ("stock_movements", "order_cancellations", "return_dispositions")

ACTING = """
CREATE FUNCTION acting(what text) RETURNS text LANGUAGE sql STABLE
RETURN nullif(current_setting('ora.' || what, true), '')
"""
BY_WORKER = """
CREATE FUNCTION by_worker() RETURNS boolean LANGUAGE sql STABLE
RETURN coalesce(current_setting('ora.actor', true) LIKE 'worker:%', false)
"""
# Its arguments: the columns of the key, and those whose values are nobody's business.
RECORD_CHANGE = """
CREATE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    keys text[] := string_to_array(TG_ARGV[0], ' ');
    masked text[] := string_to_array(TG_ARGV[1], ' ');
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
BEGIN
    INSERT INTO audit_log (action, subject, subject_id, before, after)
    SELECT lower(TG_OP), TG_TABLE_NAME,
        (SELECT string_agg(coalesce(old_row, new_row) ->> key, '/') FROM unnest(keys) AS key),
        CASE WHEN TG_OP <> 'INSERT' THEN jsonb_object_agg(key, CASE
            WHEN key = ANY(masked) AND was.value <> 'null' THEN '"masked"'
            ELSE coalesce(was.value, 'null') END) END,
        CASE WHEN TG_OP <> 'DELETE' THEN jsonb_object_agg(key, CASE
            WHEN key = ANY(masked) AND became.value <> 'null' THEN '"masked"'
            ELSE coalesce(became.value, 'null') END) END
    FROM jsonb_each(old_row) AS was FULL JOIN jsonb_each(new_row) AS became USING (key)
    WHERE coalesce(was.value, 'null') <> coalesce(became.value, 'null')
    HAVING count(*) > 0;
    RETURN NULL;
END
$$
"""

# Recorded whatever changes in them: the table, its key, and what is masked.
WHOLE = (
    ("categories", "id", ""),
    ("alerts", "id", ""),
    ("disputes", "gateway_dispute_id", ""),
    ("settlements", "gateway_settlement_id", ""),
    ("returns", "id", "comment"),
    ("return_lines", "return_id sku", "comment photos"),
)
_EACH = "FOR EACH ROW"
_NOBODY_SAID = "acting('actor') IS NULL"
_PAID = "('captured', 'partially_refunded', 'refunded')"
# What changes too often to be copied is told elsewhere: see docs/audit-log.md.
TRIGGERS = f"""
CREATE TRIGGER products_recorded AFTER INSERT OR DELETE OR UPDATE OF id, sku, slug, name,
    description, category_id, metal, purity, gross_weight_mg, net_weight_mg, stone, huid, hsn_code,
    price, tax_basis_points, is_active, purchase_limit, low_stock_threshold, created_at
ON products {_EACH} EXECUTE FUNCTION record_change('id', '');

CREATE TRIGGER coupons_recorded AFTER INSERT OR DELETE OR UPDATE OF id, code, description,
    basis_points, amount, minimum_subtotal, maximum_discount, starts_at, ends_at, usage_limit,
    usage_limit_per_customer, is_active, revision, created_at
ON coupons {_EACH} EXECUTE FUNCTION record_change('id', '');

CREATE TRIGGER users_recorded AFTER UPDATE OR DELETE
ON users {_EACH} EXECUTE FUNCTION record_change('id', 'email name phone password_hash');

CREATE TRIGGER users_with_a_role_recorded AFTER INSERT
ON users {_EACH} WHEN (NEW.role IN ('staff', 'admin'))
EXECUTE FUNCTION record_change('id', 'email name phone password_hash');

CREATE TRIGGER subscribers_recorded AFTER INSERT OR DELETE OR UPDATE OF id, name, url, events,
    secret_generation, previous_secret_until, disabled_at, disabled_because, created_at
ON subscribers {_EACH} EXECUTE FUNCTION record_change('id', '');

CREATE TRIGGER refunds_recorded AFTER INSERT OR DELETE OR UPDATE OF id, gateway_payment_id,
    gateway_refund_id, amount, status, reason, reference, actor, is_ours, speed, speed_processed,
    created_at
ON refunds {_EACH} EXECUTE FUNCTION record_change('id', '');

CREATE TRIGGER payments_removed_recorded AFTER DELETE
ON payments {_EACH} EXECUTE FUNCTION record_change('id', '');

CREATE TRIGGER payments_recorded AFTER INSERT
ON payments {_EACH} WHEN (NOT by_worker()) EXECUTE FUNCTION record_change('id', '');

CREATE TRIGGER payments_changed_recorded AFTER UPDATE OF id, order_id, gateway, amount, currency,
    status, created_at
ON payments {_EACH} WHEN (NOT by_worker() OR OLD.amount <> NEW.amount OR OLD.status IN {_PAID})
EXECUTE FUNCTION record_change('id', '');

CREATE TRIGGER payment_attempts_removed_recorded AFTER DELETE
ON payment_attempts {_EACH} EXECUTE FUNCTION record_change('gateway_payment_id', '');

CREATE TRIGGER payment_attempts_recorded AFTER INSERT
ON payment_attempts {_EACH} WHEN (NOT by_worker())
EXECUTE FUNCTION record_change('gateway_payment_id', '');

CREATE TRIGGER payment_attempts_changed_recorded AFTER UPDATE OF gateway_payment_id, payment_id,
    order_id, status, amount, currency, outcome, amount_refunded, amount_lost, created_at
ON payment_attempts {_EACH}
WHEN (NOT by_worker() OR OLD.amount <> NEW.amount OR OLD.outcome IS NOT NULL)
EXECUTE FUNCTION record_change('gateway_payment_id', '');

CREATE TRIGGER orders_removed_recorded AFTER DELETE
ON orders {_EACH} EXECUTE FUNCTION record_change('id', 'shipping_address billing_address notes pan');

CREATE TRIGGER orders_recorded AFTER UPDATE OF id, number, user_id, status, payment_status,
    subtotal, discount, tax, shipping_fee, total, shipping_address, billing_address, notes,
    coupon_code, pan, is_from_cart, pays_on_delivery, courier, tracking_number, created_at
ON orders {_EACH} WHEN ({_NOBODY_SAID} OR
    (OLD.id, OLD.number, OLD.user_id, OLD.subtotal, OLD.discount, OLD.tax, OLD.shipping_fee,
    OLD.total, OLD.shipping_address, OLD.billing_address, OLD.notes, OLD.is_from_cart,
    OLD.pays_on_delivery, OLD.courier, OLD.tracking_number, OLD.created_at, OLD.coupon_code,
    OLD.pan) IS DISTINCT FROM
    (NEW.id, NEW.number, NEW.user_id, NEW.subtotal, NEW.discount, NEW.tax, NEW.shipping_fee,
    NEW.total, NEW.shipping_address, NEW.billing_address, NEW.notes, NEW.is_from_cart,
    NEW.pays_on_delivery, NEW.courier, NEW.tracking_number, NEW.created_at, NEW.coupon_code,
    NEW.pan) OR
    (OLD.payment_status <> NEW.payment_status AND
    (NOT by_worker() OR OLD.payment_status IN {_PAID})))
EXECUTE FUNCTION record_change('id', 'shipping_address billing_address notes pan');

CREATE TRIGGER order_lines_removed_recorded AFTER DELETE
ON order_lines {_EACH} EXECUTE FUNCTION record_change('order_id position', '');

CREATE TRIGGER order_lines_recorded AFTER UPDATE
ON order_lines {_EACH} WHEN ({_NOBODY_SAID} OR
    (OLD.order_id, OLD.position, OLD.product_id, OLD.sku, OLD.name, OLD.hsn_code, OLD.quantity,
    OLD.unit_price, OLD.discount, OLD.tax_basis_points, OLD.tax, OLD.total) IS DISTINCT FROM
    (NEW.order_id, NEW.position, NEW.product_id, NEW.sku, NEW.name, NEW.hsn_code, NEW.quantity,
    NEW.unit_price, NEW.discount, NEW.tax_basis_points, NEW.tax, NEW.total))
EXECUTE FUNCTION record_change('order_id position', '')
"""


def upgrade() -> None:
    """Keep the log from now on."""
    # First, since it ends what was begun before it; half of one, left by a try that broke off, goes.
    with op.get_context().autocommit_block():
        for table in INDEXED:
            name = f"ix_{table}_created_at_id"
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
            op.create_index(name, table, ["created_at", "id"], postgresql_concurrently=True)
    for function in (ACTING, BY_WORKER, RECORD_CHANGE):
        op.execute(function)
    _log()
    for table in TOLD_ELSEWHERE:
        # The default comes after the column, so that rows of before are neither filled nor written.
        for column, what in (("address", "address"), ("request_id", "request")):
            op.add_column(table, sa.Column(column, sa.Text()))
            op.alter_column(table, column, server_default=sa.text(f"acting('{what}'::text)"))
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for table, keys, masked in WHOLE:
        op.execute(
            f"CREATE TRIGGER {table}_recorded AFTER INSERT OR UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION record_change('{keys}', '{masked}')"
        )
    for trigger in TRIGGERS.split(";"):
        op.execute(trigger)


def _log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column(
            "at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "actor",
            sa.Text(),
            server_default=sa.text(
                "COALESCE(acting('actor'::text), ('database:'::text || SESSION_USER))"
            ),
            nullable=False,
        ),
        sa.Column("address", sa.Text(), server_default=sa.text("acting('address'::text)")),
        sa.Column("request_id", sa.Text(), server_default=sa.text("acting('request'::text)")),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB()),
        sa.Column("after", postgresql.JSONB()),
        sa.CheckConstraint(
            "action IN ('insert', 'update', 'delete', 'setting', 'export')",
            name=op.f("ck_audit_log_action_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_at_id", "audit_log", ["at", "id"])
    op.create_index("ix_audit_log_subject", "audit_log", ["subject", "subject_id", "at", "id"])
    op.create_index("ix_audit_log_actor_at_id", "audit_log", ["actor", "at", "id"])
    op.execute(
        "CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Go back to 0014; what was written down is lost."""
    # With the triggers that call it.
    op.execute("DROP FUNCTION record_change() CASCADE")
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_never_emptied ON {table}")
    for table in TOLD_ELSEWHERE:
        op.drop_column(table, "request_id")
        op.drop_column(table, "address")
    op.drop_table("audit_log")
    op.execute("DROP FUNCTION by_worker()")
    op.execute("DROP FUNCTION acting(text)")
    for table in INDEXED:
        op.drop_index(f"ix_{table}_created_at_id", table)
