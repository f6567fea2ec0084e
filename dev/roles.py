"""The shop's roles in a Postgres of our own, as ops/postgres/roles.sql makes them anywhere."""

import hashlib
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

OWNER, APP, READER = "ora_owner", "ora_app", "ora_read"
MARK = "ora_development"
_SCRIPT = Path(__file__).resolve().parent.parent / "ops" / "postgres" / "roles.sql"
# Tests and measurements write the past as if it had happened, and break what others are at.
_MORE_FOR_THE_OWNER = (
    f"GRANT SET ON PARAMETER session_replication_role TO {OWNER};"
    f" GRANT pg_checkpoint, pg_read_all_stats, pg_signal_backend TO {OWNER}"
)


def make(connection: psycopg.Connection[Any], password_of_all: str) -> None:
    """Make the roles, or bring them up to date, as the superuser."""
    connection.execute(_SCRIPT.read_text())
    for role in (OWNER, APP, READER):
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(
            sql.Identifier(role), sql.Literal(password(password_of_all, role))
        )
        connection.execute(statement)
    connection.execute(_MORE_FOR_THE_OWNER)


def password(password_of_all: str, role: str) -> str:
    """Derive a role's password from the superuser's; its mark is refused by production."""
    return f"{MARK}_{hashlib.sha256(f'{password_of_all}/{role}'.encode()).hexdigest()[:40]}"
