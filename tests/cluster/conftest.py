"""A real Redis cluster of six local processes, and the shop on it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from redis import RedisCluster

from app.core import redis_client
from dev.redis_cluster import RedisClusterServers


@contextmanager
def started() -> Iterator[RedisClusterServers]:
    with (
        tempfile.TemporaryDirectory(prefix="ora-cluster-") as folder,
        RedisClusterServers(Path(folder)) as cluster,
    ):
        yield cluster


@contextmanager
def shop_on(cluster: RedisClusterServers, urls: dict[str, str]) -> Iterator[RedisCluster]:
    """Let the app keep its stock in the cluster, empty, for as long as the block lasts."""
    redis_client.connect(cluster.url)
    try:
        redis = redis_client.redis()
        redis.flushall(target_nodes=RedisCluster.PRIMARIES)
        yield redis
    finally:
        redis_client.connect(urls["STOCK_REDIS_URL"])


@pytest.fixture(scope="session")
def cluster() -> Iterator[RedisClusterServers]:
    """A cluster that nobody breaks."""
    with started() as running:
        yield running


@pytest.fixture
def redis(
    app: Flask, cluster: RedisClusterServers, server_urls: dict[str, str]
) -> Iterator[RedisCluster]:
    """The stock Redis: the cluster, empty."""
    with shop_on(cluster, server_urls) as opened:
        yield opened


@pytest.fixture
def breakable(app: Flask, server_urls: dict[str, str]) -> Iterator[RedisClusterServers]:
    """A cluster of this test alone, with the shop on it."""
    with started() as running, shop_on(running, server_urls):
        yield running
