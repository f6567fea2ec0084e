"""What Postgres is asked for, caught on the way; and a shop that is old enough for it to matter."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis
from sqlalchemy import event

from app.config import Settings
from app.core import db, jobs
from bench.house import House


@contextlib.contextmanager
def statements() -> Iterator[dict[str, Any]]:
    """Every statement of the ORM, with what it was first asked with."""
    seen: dict[str, Any] = {}

    def on_statement(_connection, _cursor, statement, parameters, _context, is_many):
        seen.setdefault(statement, parameters[0] if is_many else parameters)

    event.listen(db.engine(), "before_cursor_execute", on_statement)
    yield seen
    event.remove(db.engine(), "before_cursor_execute", on_statement)


@contextlib.contextmanager
def servers_of(settings: Settings, redis: Redis, folder: Path) -> Iterator[House]:
    """The test's own servers, for what the measurements write into them."""
    assert settings.migration_database_url is not None
    url = settings.migration_database_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as sql:
        env = {"MIGRATION_DATABASE_URL": settings.migration_database_url}
        yield House(env, folder, sql, db.engine(), redis, jobs.connection())


def explained(sql: psycopg.Connection[Any], statement: str, parameters: Any, how: str = "") -> Any:
    """The plan of a statement, with everything below it."""
    [(plans,)] = sql.execute(f"EXPLAIN ({how}FORMAT JSON) {statement}", parameters).fetchall()
    return _nodes(plans[0]["Plan"])


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)
