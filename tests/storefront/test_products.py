"""The catalogue as a shopper leafs through it."""

from collections.abc import Iterator
from itertools import permutations

import pytest
from sqlalchemy import update

from app.catalog.models import Category, Product
from app.core.db import transaction
from app.core.ids import new_id
from tests.builders import sku_of

# Name, price and units of each; put on sale in this order.
PIECES = {
    "ring_gold": (300_000, 2),
    "ring_silver": (90_000, 0),
    "chain_gold": (500_000, 1),
    "bangle": (90_000, 3),
    "stud": (45_000, 0),
    "ring_ruby": (900_000, 1),
    "anklet": (90_000, 0),
}
SORTED = {
    "newest": [
        "anklet",
        "ring_ruby",
        "stud",
        "bangle",
        "chain_gold",
        "ring_silver",
        "ring_gold",
    ],
    "price": ["stud", "ring_silver", "bangle", "anklet", "ring_gold", "chain_gold", "ring_ruby"],
    "-price": [
        "ring_ruby",
        "chain_gold",
        "ring_gold",
        "anklet",
        "bangle",
        "ring_silver",
        "stud",
    ],
    "name": ["anklet", "bangle", "chain_gold", "ring_gold", "ring_ruby", "ring_silver", "stud"],
}


def category(slug, name, position):
    with transaction() as session:
        made = Category(id=new_id(), slug=slug, name=name, position=position)
        session.add(made)
        return made.id


@pytest.fixture
def stocked(shop):
    """Rings and others, on two shelves."""
    rings = category("rings", "Rings", 2)
    others = category("others", "Other pieces", 1)
    for name, (price, units) in PIECES.items():
        shelf = rings if name.startswith("ring") else others
        shop.product(name, units, price=price, category_id=shelf)
    return shop


def pages(client, query, limit) -> Iterator[list[str]]:
    """The SKUs of each page, to the last one."""
    cursor = None
    while True:
        rest = f"&cursor={cursor}" if cursor else ""
        response = client.get(f"/api/v1/products?limit={limit}&{query}{rest}")
        assert response.status_code == 200, response.text
        yield [item["sku"] for item in response.json["items"]]
        cursor = response.json["next_cursor"]
        if cursor is None:
            return


def everything(client, query="", limit=100):
    return [sku for page in pages(client, query, limit) for sku in page]


def skus(*names):
    return [sku_of(name) for name in names]


def test_a_product_is_shown_with_its_shelf_its_price_and_what_is_available(stocked, client):
    stocked.customer().check_out(ring_gold=1)

    response = client.get("/api/v1/products/ring-gold")

    assert (response.status_code, response.json) == (
        200,
        {
            "sku": "RING-GOLD",
            "slug": "ring-gold",
            "name": "The ring_gold",
            "description": "A piece.",
            "category": {"slug": "rings", "name": "Rings"},
            "metal": "gold",
            "purity": "22K (916)",
            "gross_weight_mg": 5000,
            "net_weight_mg": 4800,
            "stone": None,
            "huid": None,
            "hsn_code": "7113",
            "price": {"amount": 300_000, "currency": "INR"},
            "tax_basis_points": 300,
            "purchase_limit": 0,
            "has_waiting_room": False,
            "preorder_ships_on": None,
            "images": [],
            "available": 1,
            "low_stock": True,
        },
    )


def test_the_list_shows_a_product_as_its_own_page_does(stocked, client):
    item = client.get("/api/v1/products?q=chain").json["items"]

    assert item == [client.get("/api/v1/products/chain-gold").json]


@pytest.mark.parametrize("slug", ["nothing", "ring", "ring-gold-2"])
def test_a_product_that_there_is_not_is_not_found(stocked, client, slug):
    response = client.get(f"/api/v1/products/{slug}")

    assert (response.status_code, response.json["code"]) == (404, "product_not_found")


def test_categories_come_in_the_shops_order(stocked, client):
    assert client.get("/api/v1/categories").json == {
        "items": [
            {"slug": "others", "name": "Other pieces"},
            {"slug": "rings", "name": "Rings"},
        ]
    }


def test_a_shop_without_anything_lists_nothing(shop, client):
    assert client.get("/api/v1/categories").json == {"items": []}
    assert client.get("/api/v1/products").json == {"items": [], "next_cursor": None}


@pytest.mark.parametrize("sort", SORTED)
def test_products_come_in_the_order_asked_for(stocked, client, sort):
    assert everything(client, f"sort={sort}") == skus(*SORTED[sort])


def test_without_being_asked_the_newest_come_first_twenty_to_a_page(shop, client):
    for number in range(21):
        shop.product(f"ring_{number}", 0)

    response = client.get("/api/v1/products").json

    assert [i["sku"] for i in response["items"]] == [f"RING-{n}" for n in range(20, 0, -1)]
    assert everything(client, limit=20) == [f"RING-{n}" for n in range(20, -1, -1)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("category=rings", {"ring_gold", "ring_silver", "ring_ruby"}),
        ("category=nothing", set()),
        ("category=RINGS", set()),
        ("q=gold", {"ring_gold", "chain_gold"}),
        ("q=GOLD", {"ring_gold", "chain_gold"}),
        ("q=gold+ring", {"ring_gold"}),
        ("q=silver+gold", set()),
        ("q=%25", set()),
        ("q=ring\\", set()),
        ("q=ring_", {"ring_gold", "ring_silver", "ring_ruby"}),
        ("q=g_ld", set()),
        ("q='", set()),
        ("in_stock=true", {"ring_gold", "chain_gold", "bangle", "ring_ruby"}),
        ("in_stock=1", {"ring_gold", "chain_gold", "bangle", "ring_ruby"}),
        ("in_stock=false", set(PIECES)),
        ("in_stock=true&category=rings", {"ring_gold", "ring_ruby"}),
        ("in_stock=true&category=rings&q=gold", {"ring_gold"}),
    ],
)
def test_a_filter_finds_what_it_says_and_nothing_else(stocked, client, query, found):
    assert sorted(everything(client, query)) == sorted(skus(*found))


@pytest.mark.parametrize("sort", SORTED)
@pytest.mark.parametrize("query", ["", "in_stock=true", "category=rings", "q=gold&in_stock=1"])
def test_leafing_through_shows_everything_once_and_no_page_too_full(stocked, client, sort, query):
    at_once = everything(client, f"sort={sort}&{query}")

    leafed = {
        limit: list(pages(client, f"sort={sort}&{query}", limit)) for limit in (1, 2, 3, 6, 7, 8)
    }

    assert len(at_once) >= 2
    for limit, found in leafed.items():
        assert [sku for page in found for sku in page] == at_once
        assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)


def test_a_page_that_is_the_last_one_says_so_though_it_is_full(stocked, client):
    response = client.get(f"/api/v1/products?limit={len(PIECES)}")

    assert len(response.json["items"]) == len(PIECES)
    assert response.json["next_cursor"] is None


def test_a_long_row_of_sold_out_pieces_is_leafed_over(shop, client):
    shop.product("ring_first", 1)
    for number in range(30):
        shop.product(f"gone_{number}", 0)
    shop.product("ring_last", 1)

    assert list(pages(client, "in_stock=true", 1))[:2] == [["RING-LAST"], ["RING-FIRST"]]


@pytest.mark.parametrize(("given", "other"), list(permutations(SORTED, 2)))
def test_a_cursor_of_another_order_is_refused(stocked, client, given, other):
    cursor = client.get(f"/api/v1/products?limit=2&sort={given}").json["next_cursor"]

    response = client.get(f"/api/v1/products?limit=2&sort={other}&cursor={cursor}")

    assert (response.status_code, response.json["code"]) == (422, "validation_failed")
    assert [error["pointer"] for error in response.json["errors"]] == ["#/cursor"]


def test_a_cursor_stands_still_when_its_product_is_taken_off_sale(stocked, client, session):
    cursor = client.get("/api/v1/products?limit=2&sort=name").json["next_cursor"]
    session.execute(update(Product).where(Product.sku == "BANGLE").values(is_active=False))

    response = client.get(f"/api/v1/products?limit=2&sort=name&cursor={cursor}")

    assert [i["sku"] for i in response.json["items"]] == skus("chain_gold", "ring_gold")


def test_what_is_off_sale_is_shown_nowhere(stocked, client, session):
    session.execute(update(Product).where(Product.sku == "RING-GOLD").values(is_active=False))

    listed = everything(client)

    assert sorted(listed) == sorted(skus(*(PIECES.keys() - {"ring_gold"})))
    assert everything(client, "q=ring_gold") == []
    assert client.get("/api/v1/products/ring-gold").status_code == 404


def test_what_somebody_is_paying_for_is_not_in_stock(stocked, client):
    stocked.customer().check_out(chain_gold=1)

    assert sorted(everything(client, "in_stock=true")) == sorted(
        skus("ring_gold", "bangle", "ring_ruby")
    )
    assert client.get("/api/v1/products/chain-gold").json["available"] == 0


@pytest.mark.parametrize(("units", "is_low"), [(0, True), (1, True), (2, True), (3, False)])
def test_stock_is_low_at_its_threshold(shop, client, units, is_low):
    shop.product("ring", units, low_stock_threshold=2)

    shown = client.get("/api/v1/products/ring").json

    assert (shown["available"], shown["low_stock"]) == (units, is_low)
