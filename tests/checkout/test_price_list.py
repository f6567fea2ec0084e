"""The price list in a process' memory may be old; what is ordered by it never is."""

import pytest
from sqlalchemy import select, update

from app.catalog import pricelist
from app.catalog.models import Product
from app.orders.models import Order, OrderLine
from tests.builders import values
from tests.checkout.steps import basket, send


@pytest.fixture
def buyer(shop):
    """A customer of a shop whose process has the ring's old price in mind."""
    shop.product("ring", 5)
    pricelist.forget()
    buyer = shop.customer()
    assert send(buyer, basket(ring=1), "before").json["total"]["amount"] == 103_000
    return buyer


def change(session, **columns):
    session.execute(update(Product).values(columns))


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        ({"price": 200_000}, ("The ring", "7113", 200_000, 6_000)),
        ({"tax_basis_points": 1_800}, ("The ring", "7113", 100_000, 18_000)),
        ({"name": "The other ring"}, ("The other ring", "7113", 100_000, 3_000)),
        ({"hsn_code": "7117"}, ("The ring", "7117", 100_000, 3_000)),
    ],
)
def test_an_order_has_what_is_so_when_it_is_written(shop, buyer, session, columns, line):
    change(session, **columns)

    order = send(buyer, basket(ring=1)).json

    columns = OrderLine.name, OrderLine.hsn_code, OrderLine.unit_price, OrderLine.tax
    query = select(*columns).where(OrderLine.order_id == order["id"])
    assert values(session.execute(query)) == [line]
    assert order["lines"][0]["name"] == line[0]
    assert order["total"]["amount"] == line[2] + line[3]
    assert shop.levels("ring").reserved == 2


def test_a_total_that_is_right_by_now_is_not_refused_for_an_old_one(buyer, session):
    change(session, price=200_000)
    expected = {"expected_total": {"amount": 206_000, "currency": "INR"}}

    assert send(buyer, basket(ring=1) | expected).status_code == 201


def test_no_account_number_is_asked_for_by_an_old_price(shop, buyer, session):
    change(session, price=30_000_000)
    assert send(buyer, basket(ring=1), "dear").json["errors"][0]["pointer"] == "#/pan"
    change(session, price=200_000)

    assert send(buyer, basket(ring=1), "cheap").status_code == 201


def test_a_total_that_was_right_is_refused_by_the_price_of_now(shop, buyer, session):
    change(session, price=200_000)
    expected = {"expected_total": {"amount": 103_000, "currency": "INR"}}

    response = send(buyer, basket(ring=1) | expected)

    assert (response.status_code, response.json["total"]["amount"]) == (409, 206_000)
    assert shop.levels("ring").reserved == 1


def test_what_was_taken_off_sale_is_not_sold_by_an_old_list(shop, buyer, session):
    change(session, is_active=False)

    response = send(buyer, basket(ring=1))

    assert (response.status_code, response.json["skus"]) == (409, ["RING"])
    assert shop.levels("ring").reserved == 1
    assert len(session.scalars(select(Order.id)).all()) == 1
