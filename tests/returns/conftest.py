"""Who returns, what, and who takes it."""

import pytest

from tests.payments.purchase import purchase
from tests.returns.steps import deliver


@pytest.fixture
def staff(shop):
    return shop.customer(role="staff")


@pytest.fixture
def bought(shop, staff):
    """Three rings and a chain, delivered."""
    shop.product("ring", 5)
    shop.product("chain", 2, price=10_000)
    return deliver(shop, staff, purchase(shop, ring=3, chain=1))
