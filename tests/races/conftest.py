"""Processes that wait for a race."""

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dev.servers import Urls
from tests.races.buyers import PATIENCE_SECONDS, PROCESSES, enter
from tests.races.crowd import CROWD
from tests.races.forks import forks
from tests.tables import empty_tables

Race = Callable[..., list[Any]]


@pytest.fixture(scope="session")
def race(server_urls: Urls) -> Iterator[Race]:
    """Run a function in every process at once, each with its own arguments, for its answers."""
    with _processes(PROCESSES, server_urls) as run:
        yield run


@pytest.fixture(scope="session")
def crowd(server_urls: Urls) -> Iterator[Race]:
    """The same with more processes than there are processors."""
    with _processes(CROWD, server_urls) as run:
        yield run


@pytest.fixture
def unconstrained(session: Session) -> Iterator[None]:
    """Nothing in Postgres refuses to have less than no units."""
    constraints = {
        "products": ("stock_quantity_not_negative", "stock_quantity >= 0"),
        "stock_movements": ("balance_not_negative", "balance >= 0"),
    }
    for table, (name, _) in constraints.items():
        session.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}"))
    yield
    empty_tables("products")
    for table, (name, condition) in constraints.items():
        added = f"ADD CONSTRAINT ck_{table}_{name} CHECK ({condition})"
        session.execute(text(f"ALTER TABLE {table} {added}"))


@contextmanager
def _processes(number: int, server_urls: Urls) -> Iterator[Race]:
    gate = forks().Barrier(number)
    with ProcessPoolExecutor(
        number, mp_context=forks(), initializer=enter, initargs=(gate, server_urls)
    ) as processes:

        def run(function: Callable[..., Any], *arguments: tuple[Any, ...], **common: Any):
            assert len(arguments) == number
            # Each waits for all at the start, so that no process takes two.
            started = [processes.submit(function, *mine, **common) for mine in arguments]
            return [answer.result(PATIENCE_SECONDS) for answer in started]

        yield run
