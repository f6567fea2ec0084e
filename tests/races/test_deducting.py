from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from app.accounts.models import User
from app.core.db import transaction
from app.core.ids import new_id
from app.orders.models import Order
from tests.races.buyers import PROCESSES, sell

UNITS = 15
ORDERS_EACH = 10
BOOKS = """
    SELECT stock_quantity, stock_version, (SELECT sum(units) FROM {0}.stock_movements)
    FROM {0}.products
"""


@pytest.fixture
def orders(shop):
    """For each process the ids of orders for one ring; there are fewer rings than orders."""
    shop.product("ring", UNITS)
    ids = [new_id() for _ in range(PROCESSES * ORDERS_EACH)]
    with transaction() as session:
        buyer = User(
            id=new_id(), email="meera@example.com", name="Meera", password_hash="-", role="customer"
        )
        session.add(buyer)
        session.flush()
        session.add_all(
            Order(
                id=order_id, number=f"ORA-{order_id}", user_id=buyer.id, subtotal=1, tax=0,
                shipping_fee=0, total=1, shipping_address={}, billing_address={},
                is_from_cart=False, expires_at=datetime.now(UTC),
            )
            for order_id in ids
        )  # fmt: skip
    return [("RING", ids[process::PROCESSES]) for process in range(PROCESSES)]


@pytest.fixture
def unchecked(orders, session):
    """A copy of the tables without any constraint."""
    session.execute(text("CREATE SCHEMA unchecked"))
    for table in ("products", "stock_movements"):
        columns = f"(LIKE public.{table} INCLUDING DEFAULTS INCLUDING IDENTITY)"
        session.execute(text(f"CREATE TABLE unchecked.{table} {columns}"))
        session.execute(text(f"INSERT INTO unchecked.{table} SELECT * FROM public.{table}"))
    # The copied receipt brought its number along.
    session.execute(text("ALTER TABLE unchecked.stock_movements ALTER COLUMN id RESTART WITH 1000"))
    session.execute(text("GRANT USAGE ON SCHEMA unchecked TO ora_app"))
    session.execute(text("GRANT ALL ON ALL TABLES IN SCHEMA unchecked TO ora_app"))
    yield "unchecked"
    session.execute(text("DROP SCHEMA unchecked CASCADE"))


def test_no_more_is_deducted_than_is_on_hand_and_the_ledger_adds_up(session, race, orders):
    sold = race(sell, *orders, is_conditional=True, schema="public")

    assert sum(sold) == UNITS
    assert session.execute(text(BOOKS.format("public"))).one() == (0, 1 + UNITS, 0)


def test_the_constraint_alone_holds_where_the_condition_is_missing(session, race, orders):
    sold = race(sell, *orders, is_conditional=False, schema="public")

    assert sum(sold) == UNITS
    assert session.execute(text(BOOKS.format("public"))).one() == (0, 1 + UNITS, 0)


def test_the_condition_alone_holds_where_the_constraint_is_missing(
    session, race, orders, unchecked
):
    sold = race(sell, *orders, is_conditional=True, schema=unchecked)

    assert sum(sold) == UNITS
    assert session.execute(text(BOOKS.format(unchecked))).one() == (0, 1 + UNITS, 0)


def test_the_same_race_oversells_where_both_are_missing(session, race, orders, unchecked):
    sold = race(sell, *orders, is_conditional=False, schema=unchecked)

    too_many = PROCESSES * ORDERS_EACH - UNITS
    assert sum(sold) == UNITS + too_many
    assert session.execute(text(BOOKS.format(unchecked))).one() == (
        -too_many,
        1 + UNITS + too_many,
        -too_many,
    )
