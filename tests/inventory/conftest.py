"""The Redis that scripts run on: the real one, and the one in Python that people test with."""

from collections.abc import Iterator

import pytest
from fakeredis import FakeRedis, FakeRedisConnection, FakeServer
from redis import Redis

from app.core.redis_client import acquainted


@pytest.fixture(params=["redis", "fakeredis"])
def store(request: pytest.FixtureRequest, redis: Redis) -> Iterator[Redis]:
    """An empty Redis."""
    if request.param == "redis":
        yield redis
    else:
        connection = acquainted(FakeRedisConnection)
        with FakeRedis(
            decode_responses=True, server=FakeServer(), connection_class=connection
        ) as fake:
            yield fake
