import pytest

from tests.subscribers.desk import Desk
from tests.subscribers.receiver import receiving


@pytest.fixture
def receiver():
    with receiving() as opened:
        yield opened


@pytest.fixture
def desk(shop):
    return Desk(shop.customer(role="admin"))
