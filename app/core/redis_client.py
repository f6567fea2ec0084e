"""The stock Redis: one client a process, with bounded waits."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from app.core.problems import ServiceUnavailable

log = structlog.get_logger(__name__)

CONNECT_TIMEOUT_SECONDS = 0.5
COMMAND_TIMEOUT_SECONDS = 2.0

_redis: Redis | None = None


def make_client(url: str) -> Redis:
    """
    Make a client that waits a bounded time and tries a broken connection once more.

    Every script is keyed by its order, so that running one twice does nothing new.
    """
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        socket_timeout=COMMAND_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1),
        client_name="ora",
    )


def connect(url: str) -> None:
    """Give this process its client; a second call replaces the first."""
    global _redis  # noqa: PLW0603 - one of the process-wide things, reached by redis()
    disconnect()
    _redis = make_client(url)


def disconnect() -> None:
    """Close this process' connections."""
    if _redis is not None:
        _redis.close()


def redis() -> Redis:
    """Return this process' client of the stock Redis."""
    assert _redis is not None, "redis_client.connect() was not called"  # noqa: S101
    return _redis


@contextmanager
def foreign_errors() -> Iterator[None]:
    """
    Turn what Redis raises into a problem.

    Raises:
        ServiceUnavailable: Redis is down, slow, full, read-only or still loading.
    """
    try:
        yield
    except RedisError as error:
        log.warning("redis.unavailable", error=str(error))
        raise ServiceUnavailable from error
