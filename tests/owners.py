"""
Who owns a test's servers, and may do with them what the shop may not.

The app under test never has these connections: it works with the rights that it has in the shop.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from redis import Redis
from sqlalchemy.engine import Engine

from app import rights
from app.core import db, redis_client
from dev.servers import Urls

# What tests ask of Redis and the shop never does; the rest is asked as the shop's user.
_TESTS_OWN = frozenset(
    {
        "CLIENT KILL", "CONFIG GET", "CONFIG RESETSTAT", "CONFIG SET", "DBSIZE", "DUMP", "EXISTS",
        "EXPIRETIME", "FLUSHALL", "HINCRBY", "HLEN", "KEYS", "LPUSH", "LRANGE", "MEMORY USAGE",
        "OBJECT", "PERSIST", "RESTORE", "RPUSH", "SADD", "SCRIPT EXISTS", "SCRIPT FLUSH", "TTL",
        "TYPE", "ZCARD",
    }
)  # fmt: skip


class OwnersRedis(Redis):
    """The shop's client of the stock Redis, which does as the owner what only tests do."""

    owner: Redis

    def execute_command(self, *args: Any, **options: Any) -> Any:
        if " ".join(str(args[0]).upper().split()) in _TESTS_OWN:
            return self.owner.execute_command(*args, **options)
        return super().execute_command(*args, **options)


@dataclass(frozen=True, slots=True)
class _Owners:
    engine: Engine
    redis: OwnersRedis
    stock: Redis
    queue: Redis


_owners: list[_Owners] = []


@contextmanager
def connected(urls: Urls) -> Iterator[None]:
    """See to it that the app's role has its rights, and be connected as the owner."""
    connect(urls)
    with engine().begin() as connection:
        rights.grant(connection)
    yield
    gone = _owners.pop()
    gone.engine.dispose()
    for client in (gone.redis, gone.stock, gone.queue):
        client.close()


def connect(urls: Urls) -> None:
    """Connect this process as the owner."""
    stock, queue = (
        Redis.from_url(urls.admin[name], decode_responses=True, socket_timeout=5)
        for name in ("STOCK_REDIS_URL", "QUEUE_REDIS_URL")
    )
    redis = OwnersRedis.from_pool(redis_client.make_client(urls["STOCK_REDIS_URL"]).connection_pool)
    redis.owner = stock
    _owners.append(_Owners(db.make_engine(urls["MIGRATION_DATABASE_URL"]), redis, stock, queue))


def engine() -> Engine:
    """The tables' owner's."""
    return _owners[0].engine


def redis() -> OwnersRedis:
    """The stock Redis'."""
    return _owners[0].redis


def flush_redis() -> None:
    """Empty both servers."""
    flush_stock()
    flush_queue()


def flush_stock() -> None:
    """Have the stock Redis lose everything."""
    _owners[0].stock.flushall()


def flush_queue() -> None:
    """Have RQ's Redis lose everything."""
    _owners[0].queue.flushall()


def queue_keys() -> list[str]:
    """What there is in RQ's Redis."""
    return sorted(_owners[0].queue.keys())
