"""Three hosts that serve the web; Postgres, both Redis servers and the workers are on ours."""

import os
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask

from dev.servers import Urls
from tests.engines.hosts.network import Network, why_not
from tests.gateway import Gateway

HOSTS = 3
OURS = (
    "DATABASE_URL", "STOCK_REDIS_URL", "QUEUE_REDIS_URL", "RAZORPAY_API_URL", "STRIPE_API_URL",
)  # fmt: skip


@pytest.fixture
def network(app: Flask, gateway: Gateway, server_urls: Urls) -> Iterator[Network]:
    """The hosts, without anything that runs on them."""
    why = why_not()
    if why is not None:
        pytest.skip(why)
    with Network(HOSTS, [os.environ[name] for name in OURS]) as plugged_in:
        yield plugged_in


@pytest.fixture
def there(network: Network) -> Mapping[str, str]:
    """The environment of what runs on them."""
    return {name: network.seen_from_there(os.environ[name]) for name in OURS}
