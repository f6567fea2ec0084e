"""A real master, its replica and three sentinels, for stock or the queues; the shop on them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from app.core import jobs, redis_client
from dev.redis_sentinel import WatchedRedis
from dev.servers import Urls


@contextmanager
def started(users: str) -> Iterator[WatchedRedis]:
    with (
        tempfile.TemporaryDirectory(prefix="ora-sentinel-") as folder,
        WatchedRedis(Path(folder) / "watched", users=users) as watched,
    ):
        yield watched


@pytest.fixture
def watched(app: Flask, server_urls: Urls) -> Iterator[WatchedRedis]:
    """The stock Redis, watched, of this test alone, with the shop on it."""
    with started("stock") as running:
        redis_client.connect(running.url)
        try:
            yield running
        finally:
            redis_client.connect(server_urls["STOCK_REDIS_URL"])


@pytest.fixture
def watched_queue(
    app: Flask, server_urls: Urls, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WatchedRedis]:
    """RQ's Redis, watched, of this test alone; processes that it starts are on it too."""
    with started("queue") as running:
        monkeypatch.setenv("QUEUE_REDIS_URL", running.url)
        jobs.connect(running.url)
        try:
            yield running
        finally:
            jobs.connect(server_urls["QUEUE_REDIS_URL"])
