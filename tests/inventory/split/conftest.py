import pytest

from app.inventory import counters
from app.inventory.terms import Levels
from tests.inventory.split.quarters import COUNT, UNITS


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """So few units make a counter that tests need no more."""
    monkeypatch.setattr(counters, "FEW", 2)


@pytest.fixture
def ring(shop):
    """Forty rings, split over four counters."""
    shop.product("ring", UNITS, counters=COUNT)
    assert shop.levels("ring") == Levels(UNITS, 0, 0)
