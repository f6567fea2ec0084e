"""What the shop's roles may do in Postgres, table by table; `flask grant-rights` tells it."""

import re
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import text
from sqlalchemy.engine import Connection

# Made by ops/postgres/roles.sql: one migrates, one serves, one reports and backs up.
OWNER, APP, READER = "ora_owner", "ora_app", "ora_read"

READ = "SELECT"
ADD = "SELECT, INSERT"
CHANGE = "SELECT, INSERT, UPDATE"
ALL = "SELECT, INSERT, UPDATE, DELETE"

# What was written there stays: their triggers say so to everybody, and this to the app.
RECORDS: Mapping[str, str] = {
    "audit_log": ADD,
    "invoices": ADD,
    "order_cancellations": ADD,
    "order_transitions": ADD,
    "return_dispositions": ADD,
    "return_steps": ADD,
    "stock_movements": ADD,
}
# Every other table. What goes with another row, by its foreign key, needs no right of its own.
TABLES: Mapping[str, str] = {
    "account_notes": "SELECT, INSERT, DELETE",
    "addresses": ALL,
    # /readyz looks whether the migrations are those of the code.
    "alembic_version": READ,
    "alerts": CHANGE,
    "cart_items": ALL,
    "categories": CHANGE,
    "clock_jobs": ALL,
    "clock_runs": ALL,
    "coupon_customers": ALL,
    "coupon_uses": "SELECT, INSERT, UPDATE (given_back_at)",
    "coupons": CHANGE,
    "disputes": CHANGE,
    "downtimes": CHANGE,
    "idempotency_keys": "SELECT, INSERT, DELETE",
    "imports": CHANGE,
    "invoice_series": CHANGE,
    "low_stock": "SELECT, INSERT, DELETE",
    "notifications": ALL,
    # What was bought, at which price and tax, stays as it was at checkout.
    "order_lines": "SELECT, INSERT, UPDATE (cancelled_quantity, returned_quantity)",
    "orders": CHANGE,
    "outbox": ALL,
    "password_resets": ALL,
    "payment_attempts": CHANGE,
    "payments": CHANGE,
    "preorder_arrivals": ADD,
    "product_images": ALL,
    "products": CHANGE,
    "reconciliation_differences": CHANGE,
    "reconciliations": CHANGE,
    "refunds": CHANGE,
    "reservations": CHANGE,
    "return_lines": CHANGE,
    "returns": CHANGE,
    "sessions": ALL,
    "settlements": CHANGE,
    "stock_adjustments": ADD,
    "stock_drifts": ADD,
    "subscriber_deliveries": ALL,
    "subscriber_delivery_tries": ADD,
    "subscribers": ALL,
    # Guests who never came back are forgotten; nobody who bought can be.
    "users": ALL,
    "waitlist_entries": ALL,
    "webhook_events": ALL,
}
RIGHTS: Mapping[str, str] = {**RECORDS, **TABLES}
# Those of identity columns go with their tables.
SEQUENCES = ("stock_epochs",)

_PRIVILEGE = re.compile(r"([A-Z]+)(?: \(([^)]*)\))?")
_ON_TABLES = text("""
    SELECT relname, privilege FROM pg_class,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER'])
            AS privilege
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND has_table_privilege(:role, pg_class.oid, privilege)
""")
_ON_COLUMNS = text("""
    SELECT relname, attname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0
        AND NOT attisdropped AND has_column_privilege(:role, attrelid, attnum, 'UPDATE')
        AND NOT has_table_privilege(:role, attrelid, 'UPDATE')
""")
_MISSING_ROLES = text("""
    SELECT role FROM unnest(CAST(:roles AS text[])) AS role
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
""")
_PRESENT = text("""
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname
""")

Right = tuple[str, str]


class RolesMissingError(RuntimeError):
    """A role is not there, so that it cannot be given anything."""


def grant(connection: Connection) -> list[str]:
    """
    Give each role its rights, and take all others; as the owner, after each migration.

    In one transaction, so that nobody who works meanwhile lacks one. Returns the tables of which
    nothing is declared; nobody but their owner may touch them.

    Raises:
        RolesMissingError: naming them.
    """
    missing = connection.scalars(_MISSING_ROLES, {"roles": [APP, READER]}).all()
    if missing:
        names = " and no role ".join(missing)
        raise RolesMissingError(f"There is no role {names}: run ops/postgres/roles.sql first.")
    present = connection.scalars(_PRESENT).all()
    for statement in _statements(present):
        connection.execute(text(statement))
    return [table for table in present if table not in RIGHTS]


def declared() -> set[Right]:
    """List what the app's role is to have: pairs of a table and a right."""
    return {(table, right) for table, rights in RIGHTS.items() for right in _single(rights)}


def had(connection: Connection, role: str) -> set[Right]:
    """List what a role has, by itself, by PUBLIC or by another role that it is a member of."""
    whole = {(row[0], row[1]) for row in connection.execute(_ON_TABLES, {"role": role})}
    columns = connection.execute(_ON_COLUMNS, {"role": role})
    return whole | {(row[0], f"UPDATE ({row[1]})") for row in columns}


def _single(rights: str) -> Iterator[str]:
    for name, columns in _PRIVILEGE.findall(rights):
        if columns:
            yield from (f"{name} ({column.strip()})" for column in columns.split(","))
        else:
            yield name


def _statements(present: Iterable[str]) -> Iterator[str]:
    every = "IN SCHEMA public"
    for kind in ("TABLES", "SEQUENCES", "ROUTINES"):
        yield f"REVOKE ALL ON ALL {kind} {every} FROM PUBLIC, {APP}, {READER}"
    for table in present:
        if table in RIGHTS:
            yield f'GRANT {RIGHTS[table]} ON "{table}" TO {APP}'
    for sequence in SEQUENCES:
        yield f"GRANT USAGE ON SEQUENCE {sequence} TO {APP}"
    # What triggers and defaults call is called as who writes the row.
    yield f"GRANT EXECUTE ON ALL ROUTINES {every} TO {APP}"
    yield f"GRANT SELECT ON ALL TABLES {every} TO {READER}"
    yield f"GRANT SELECT ON ALL SEQUENCES {every} TO {READER}"
