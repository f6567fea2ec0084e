"""
Two sales of the last unit, by two real connections, with nothing but one guard between them.

The second comes while the first is not committed yet. A guard that looks under a lock and finds
no rows to look at would let it pass; so the guard in the statement has to stand without the
table's constraint behind it, and the constraint without the statement's condition before it.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.db import transaction
from app.core.ids import new_id
from app.core.redis_client import redis
from app.inventory import ledger
from app.inventory.errors import InsufficientStock
from app.inventory.terms import Booking, Claim
from tests.races.buyers import PATIENCE_SECONDS, deducting

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


@pytest.fixture
def _last_ring(shop):
    shop.product("ring", 1)


pytestmark = pytest.mark.usefixtures("_last_ring")


def deduct(session: Session) -> None:
    claim = Claim(new_id(), "", {"RING": 1})
    ledger.deduct(session, redis(), claim, {"RING": 0}, Booking(f"sale:{claim.id}", "test"))


def look_and_deduct(session: Session) -> None:
    """Look under the row's lock, but at nothing: the names were used up before."""
    names = (sku for sku in ["RING"])
    assert list(names)
    query = select(Product).where(Product.sku.in_(list(names))).with_for_update()
    for product in session.scalars(query):
        if product.stock_quantity < 1:
            raise InsufficientStock
    with deducting(is_conditional=False):
        deduct(session)


def sell_at_once(session: Session, sell: Callable[[Session], None]) -> list[type | None]:
    """Sell twice, the second while the first is under way; tells how each was refused."""

    def second() -> type | None:
        try:
            with transaction() as other:
                sell(other)
        except (InsufficientStock, IntegrityError) as refusal:
            return type(refusal)
        return None

    with ThreadPoolExecutor(1) as pool:
        with transaction() as first:
            sell(first)
            answer = pool.submit(second)
            wait_until_somebody_waits(session)
        return [None, answer.result(PATIENCE_SECONDS)]


def wait_until_somebody_waits(session: Session) -> None:
    stop_at = time.monotonic() + PATIENCE_SECONDS
    while not session.scalar(WAITING):
        assert time.monotonic() < stop_at


def on_hand(session: Session) -> int:
    return session.scalars(select(Product.stock_quantity)).one()


@pytest.mark.usefixtures("unconstrained")
def test_the_condition_alone_sells_the_last_unit_once(session):
    assert sell_at_once(session, deduct) == [None, InsufficientStock]
    assert on_hand(session) == 0


def test_the_constraint_alone_sells_the_last_unit_once(session):
    with deducting(is_conditional=False):
        sold = sell_at_once(session, deduct)

    assert sold == [None, IntegrityError]
    assert on_hand(session) == 0


@pytest.mark.usefixtures("unconstrained")
def test_a_guard_that_looks_at_nothing_sells_the_last_unit_twice(session):
    assert sell_at_once(session, look_and_deduct) == [None, None]
    assert on_hand(session) == -1


def test_the_constraint_stands_behind_a_guard_that_looks_at_nothing(session):
    assert sell_at_once(session, look_and_deduct) == [None, IntegrityError]
    assert on_hand(session) == 0
