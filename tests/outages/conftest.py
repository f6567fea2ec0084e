"""The shop on a Redis server of the test's own, to which the process is pointed by its address."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.checkout import scripts as checkout_scripts
from app.core import redis_client
from app.core.lua import LuaScript
from app.inventory import scripts
from tests.builders import Customer, Shop
from tests.outages.server import OwnServer, running


@pytest.fixture
def server(
    shop: Shop, server_urls: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[OwnServer]:
    """A server that has run for a while: it knows the scripts, and five rings and chains."""
    home: Path = tmp_path_factory.mktemp("redis")
    with running(home) as own:
        redis_client.connect(own.url)
        try:
            for name in ("ring", "chain"):
                shop.product(name, 5)
                shop.levels(name)
            _teach(own)
            yield own
        finally:
            redis_client.connect(server_urls["STOCK_REDIS_URL"])


@pytest.fixture
def buyer(server: OwnServer, shop: Shop) -> Customer:
    return shop.customer()


def _teach(server: OwnServer) -> None:
    with server.client() as client:
        for found in (*vars(scripts).values(), *vars(checkout_scripts).values()):
            if isinstance(found, LuaScript):
                client.script_load(found.source)
