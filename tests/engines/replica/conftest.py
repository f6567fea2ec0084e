"""A real streaming replica of the test's Postgres, and the shop that reads from it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import CollectorRegistry

from app.core import measures, replica
from dev.postgres_replica import PostgresReplica
from dev.servers import Urls

# Longer than a busy machine takes from one line of a test to the next.
LONGEST_SECONDS = 3_600.0


@contextmanager
def started(urls: Urls) -> Iterator[PostgresReplica]:
    with tempfile.TemporaryDirectory(prefix="ora-replica-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresReplica(Path(folder) / "standby", urls.admin["DATABASE_URL"])
        try:
            server.start()
            yield server
        finally:
            server.remove()


@pytest.fixture(scope="session")
def standby(server_urls: Urls) -> Iterator[PostgresReplica]:
    """One that all tests use, and leave as it was."""
    with started(server_urls) as server:
        yield server


@pytest.fixture
def breakable(server_urls: Urls) -> Iterator[PostgresReplica]:
    """One of this test alone."""
    with started(server_urls) as server:
        yield server


@contextmanager
def read_from(url: str, *, longest_lag_seconds: float = LONGEST_SECONDS) -> Iterator[None]:
    """Let the shop read what may be old from there for as long as the block lasts."""
    replica.connect(url, longest_lag_seconds=longest_lag_seconds)
    try:
        yield
    finally:
        replica.disconnect()


@pytest.fixture
def reads(app: Flask) -> "Reads":
    """Who answered the reads since the last look."""
    return Reads(measures.REGISTRY)


class Reads:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry, self._before = registry, {"primary": 0.0, "replica": 0.0}
        self.since()

    def since(self) -> dict[str, int]:
        """How many each of them answered since this was asked before."""
        now = {
            name: self._registry.get_sample_value("ora_reads_total", {"server": name}) or 0.0
            for name in self._before
        }
        told = {name: int(now[name] - self._before[name]) for name in now}
        self._before = now
        return told
