import pytest


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


@pytest.fixture
def staff(shop):
    return shop.customer(role="staff")
