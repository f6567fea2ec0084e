"""Processes that wait for a race."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dev.servers import Urls
from tests.races.buyers import PROCESSES, enter
from tests.races.crowd import CROWD
from tests.races.forks import Race, processes
from tests.tables import empty_tables


@pytest.fixture(scope="session")
def race(server_urls: Urls) -> Iterator[Race]:
    """Run a function in every process at once, each with its own arguments, for its answers."""
    with processes(PROCESSES, enter, server_urls) as run:
        yield run


@pytest.fixture(scope="session")
def crowd(server_urls: Urls) -> Iterator[Race]:
    """The same with more processes than there are processors."""
    with processes(CROWD, enter, server_urls) as run:
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
