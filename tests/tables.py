"""Tables, emptied for a test; in the shop most of their records can never go."""

from sqlalchemy import text

from app.core.db import Base
from tests import owners


def empty_tables(*names: str) -> None:
    """Empty these tables and all that point to them, or all tables; no trigger is asked."""
    tables = ", ".join(names or Base.metadata.tables)
    with owners.engine().begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
