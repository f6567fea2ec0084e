"""All that the shop remembers, to tell whether a request changed any of it."""

from typing import Any

from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.db import Base
from tests import owners


def everything(session: Session, redis: Redis) -> dict[str, Any]:
    """Every row of every table, every key of the stock Redis, every key name of RQ's."""
    rows = {
        name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key))]
        for name, table in Base.metadata.tables.items()
    }
    keys = {key: _value(redis, key) for key in sorted(redis.keys())}
    return {"rows": rows, "keys": keys, "queue": owners.queue_keys()}


def row_counts(session: Session) -> dict[str, int]:
    """How many rows each table has, where it has any."""
    rows = {
        name: len(session.execute(select(table)).all())
        for name, table in Base.metadata.tables.items()
    }
    return {name: count for name, count in rows.items() if count}


def _value(redis: Redis, key: str) -> Any:
    match redis.type(key):
        case "hash":
            return redis.hgetall(key)
        case "zset":
            return redis.zrange(key, 0, -1, withscores=True)
        case "string":
            return redis.get(key)
        case kind:
            raise AssertionError(f"{key} is a {kind}")
