"""Parts of the shop that are out of reach for as long as a test says so."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from app.core import db, jobs, redis_client


@contextmanager
def without_postgres() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        url = f"postgresql+psycopg://nobody@127.0.0.1:{_closed_port()}/nothing"
        patch.setattr(db, "_engine", db.make_engine(url))
        patch.setattr(db, "_statements", db.make_engine(url))
        yield


@contextmanager
def without_queue_redis() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, Redis(port=_closed_port(), retry=None) as nobody:
        patch.setattr(jobs, "_connection", nobody)
        # What this process has learned of it is forgotten with it.
        patch.setattr(jobs, "_quiet_until", 0.0)
        yield


@contextmanager
def without_stock_redis() -> Iterator[None]:
    nobody = redis_client.make_client(f"redis://127.0.0.1:{_closed_port()}")
    with pytest.MonkeyPatch.context() as patch, nobody:
        patch.setattr(redis_client, "_redis", nobody)
        yield


def _closed_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
