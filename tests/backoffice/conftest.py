"""Who sits at the pages."""

import pytest

from tests.backoffice.browser import Browser, enter


@pytest.fixture
def staff(shop):
    return enter(shop, "staff")


@pytest.fixture
def admin(shop):
    return enter(shop, "admin")


@pytest.fixture
def nobody(shop):
    return Browser(shop.app.test_client())
