"""A real PgBouncer in transaction mode before the test's Postgres, and the shop behind it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from app.core import db
from dev.pgbouncer import PgBouncer, find_binary
from dev.servers import Urls

# Fewer than one web process alone would open.
SESSIONS = 4


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, and say so, where there is no PgBouncer; .ci/run installs it, and demands it then."""
    if find_binary() or os.environ.get("ORA_TESTS_PGBOUNCER") == "required":
        return
    why = "NO PGBOUNCER ON THIS MACHINE, nothing of it was tested: apt install pgbouncer"
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=why))


@contextmanager
def pooled(urls: Urls, sessions: int) -> Iterator[PgBouncer]:
    with tempfile.TemporaryDirectory(prefix="ora-pooler-") as folder:
        Path(folder).chmod(0o755)
        url = urls["DATABASE_URL"]
        with PgBouncer(Path(folder) / "pooler", url, pool_size=sessions) as running:
            yield running


@pytest.fixture
def pooler(app: Flask, server_urls: Urls, monkeypatch: pytest.MonkeyPatch) -> Iterator[PgBouncer]:
    """The pooler; the app and every process that the test starts go through it."""
    with pooled(server_urls, SESSIONS) as running:
        monkeypatch.setenv("DATABASE_URL", running.url)
        monkeypatch.setenv("DATABASE_POOLER", "transaction")
        db.connect(running.url, is_pooled=True)
        try:
            yield running
        finally:
            db.connect(server_urls["DATABASE_URL"])
