"""Who sits at the pages."""

import pytest

from app import create_app
from app.payments import gateway as gateways
from tests.backoffice.browser import Browser, enter
from tests.backoffice.desk import buy
from tests.backoffice.phone import stop_clock


@pytest.fixture
def staff(shop):
    return enter(shop, "staff")


@pytest.fixture
def admin(shop):
    return enter(shop, "admin")


@pytest.fixture
def nobody(shop):
    return Browser(shop.app.test_client())


@pytest.fixture
def paid(shop):
    """Makes orders that are paid for; gives their ids and numbers, the newest first."""
    shop.product("ring", 99)
    return lambda count: buy(shop, count)


@pytest.fixture
def another_app(app, settings):
    """Makes clients of an app with other settings; the test's own is as it was afterwards."""
    before, offered = gateways.all_gateways(), gateways.offered()
    yield lambda **changes: create_app(settings.model_copy(update=changes)).test_client()
    create_app(settings)
    gateways.connect(before, offered=offered)


@pytest.fixture
def clock(monkeypatch):
    """The time of second factors, which stands until a test moves it."""
    return stop_clock(monkeypatch)
