"""What buyers and gateways wait for reads no table from end to end, however old the shop is."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from app.core import db
from app.inventory import stock
from bench.history import live_through
from tests.payments.purchase import purchase
from tests.plans import explained, servers_of, statements

ORDERS, PRODUCTS = 20_000, 3_000
# Of these there are few: carts of these days, shelves, ways to pay that are down; and here there is
# one who signed in.
SMALL = {"cart_items", "categories", "downtimes", "sessions"}
# One of each product, so that the table is as long as it would be.
PICTURES = """
    INSERT INTO product_images (id, product_id, position, alt, width, height, content, thumbnail)
    SELECT gen_random_uuid(), id, 0, name, 1, 1, '', '' FROM products
"""


@pytest.fixture
def house(settings, redis, tmp_path):
    with servers_of(settings, redis, tmp_path) as house:
        yield house


@pytest.fixture
def skus(house) -> Sequence[str]:
    """A shop that has lived for a while; its SKUs."""
    skus = live_through(house, orders=ORDERS, products=PRODUCTS)
    house.sql.execute(PICTURES)
    house.sql.execute("ANALYZE product_images")
    return skus


@pytest.fixture
def asked(skus, monkeypatch) -> Iterator[dict[str, Any]]:
    """Every statement that Postgres is sent, once for each way of writing it."""
    really_run = db.statement
    with statements() as seen:

        def run(statement, parameters):
            seen.setdefault(statement, parameters)
            return really_run(statement, parameters)

        monkeypatch.setattr(db, "statement", run)
        yield seen


def read_whole(sql, asked) -> dict[str, str]:
    """Tell which tables are read from end to end, and by which statement."""
    found = {}
    for statement, parameters in asked.items():
        if statement.lstrip().startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")):
            for node in explained(sql, statement, parameters):
                if node["Node Type"] == "Seq Scan":
                    found[node["Relation Name"]] = statement
    return found


def live_a_day(shop, skus) -> None:
    """Do all that is waited for: look, buy, be refused, pay, ask, be told, be confirmed."""
    buyer = shop.customer()
    names = [sku.lower().replace("-", "_") for sku in skus[:4]]
    for path in (f"/inventory?sku={skus[0]}", "/products?limit=20", f"/products/{skus[0].lower()}"):
        assert buyer.get(f"/api/v1{path}").status_code == 200
    assert buyer.check_out(**{names[0]: 1}).status_code == 201
    assert buyer.check_out(**{names[0]: 100}).status_code == 201
    buyer.put(f"/api/v1/cart/items/{skus[2]}", {"quantity": 1})
    bought = [
        purchase(shop, buyer, **{names[0]: 1, names[1]: 2}),
        purchase(shop, buyer, **{names[3]: 1}),
        purchase(shop, buyer),
    ]
    for each in bought:
        path = f"/api/v1/orders/{each.order_id}/payment-status"
        assert buyer.get(path).status_code == 200
        paid = each.pay()
        for name in ("payment.authorized", "payment.captured", "order.paid"):
            each.tell(name, paid)
    shop.work("webhooks")
    assert {each.status for each in bought} == {("confirmed", "captured")}


def test_nothing_that_is_waited_for_reads_a_whole_table(shop, house, skus, asked):
    sql = house.sql
    live_a_day(shop, skus)
    stock._LABELS.clear()

    assert any("INSERT INTO orders" in statement for statement in asked)
    assert any("UPDATE products" in statement for statement in asked)
    assert set(read_whole(sql, asked)) <= SMALL

    for way in ("indexscan", "indexonlyscan", "bitmapscan"):
        sql.execute(f"SET enable_{way} = off")
    assert {"orders", "products", "payments"} <= set(read_whole(sql, asked))
