"""
What every test may ask for: a shop on real servers, empty but for what the test puts in.

Each process of pytest starts its own Postgres and Redis; each test finds them empty.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy.orm import Session

from app import create_app, disconnect
from app.config import Settings
from app.inventory import counters
from dev.servers import Urls, servers
from tests import contract, owners
from tests.builders import Shop
from tests.gateway import Gateway, open_gateway
from tests.tables import empty_tables

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def server_urls() -> Iterator[Urls]:
    """The addresses of this process' servers, migrated; the shop's roles and users have theirs."""
    with tempfile.TemporaryDirectory(prefix="ora-tests-") as folder:
        Path(folder).chmod(0o755)
        with (
            servers(Path(folder), durable=False, environ={}) as urls,
            pytest.MonkeyPatch.context() as patch,
        ):
            for name, url in urls.items():
                patch.setenv(name, url)
            patch.setenv("APP_ENV", "test")
            # Tests look at once at what they have just done.
            patch.setenv("RATE_LIMITS", "off")
            # No balancer has to notice that a process ends.
            patch.setenv("WEB_DRAIN_SECONDS", "0")
            patch.setenv("CACHE_SECONDS", "0")
            patch.setenv("AVAILABILITY_CACHE_SECONDS", "0")
            # What is called in a test is the test itself.
            patch.setenv("SUBSCRIBER_ADDRESSES", "any")
            patch.setenv("MAIL_URL", f"file://{folder}/mail")
            command.upgrade(Config(ROOT / "alembic.ini"), "head")
            with owners.connected(urls):
                yield urls


@pytest.fixture(scope="session")
def gateway(server_urls: Urls) -> Iterator[Gateway]:
    """The sandbox gateway, served over real HTTP; its webhooks are kept for the test to deliver."""
    with open_gateway() as opened, pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAZORPAY_API_URL", opened.url)
        patch.setenv("PAYMENT_GATEWAYS", "razorpay,cash_on_delivery,stripe")
        patch.setenv("STRIPE_API_URL", f"{opened.url}/stripe")
        patch.setenv("STRIPE_SECRET_KEY", "sk_test_ora_development_key")
        patch.setenv("STRIPE_PUBLISHABLE_KEY", "pk_test_ora_development_key")
        patch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_ora_development_secret")
        yield opened


@pytest.fixture(scope="session")
def app(gateway: Gateway) -> Iterator[Flask]:
    """The shop's app, as wsgi.py makes it."""
    made = create_app()
    contract.hold(made)
    yield made
    disconnect()


@pytest.fixture(autouse=True)
def _empty(request: pytest.FixtureRequest) -> None:
    """Empty the servers before a test that uses them; a test that fails leaves its traces."""
    if "app" in request.fixturenames:
        request.getfixturevalue("app")
        empty_tables()
        owners.flush_redis()
        counters._SPLIT.clear()
        request.getfixturevalue("gateway").clear()


@pytest.fixture
def settings(app: Flask) -> Settings:
    return app.config["ORA"]


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def redis(app: Flask) -> Redis:
    """The stock Redis: the app's user, but for what only tests ask of it."""
    return owners.redis()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The owner's session, to look with; each look sees what was committed before it."""
    engine = owners.engine().execution_options(isolation_level="AUTOCOMMIT")
    with Session(engine) as opened:
        yield opened


@pytest.fixture
def shop(app: Flask, gateway: Gateway) -> Shop:
    """The shop, with short ways to stock it, buy in it and let its workers run."""
    return Shop(app, gateway)
