"""How old what shoppers see may be: what a product is, for a moment; what is available, never."""

import pytest
from sqlalchemy import update

from app.catalog.models import Product
from app.checkout import standing
from app.inventory import stock
from app.orders.models import Order
from app.storefront import shelves

LISTS = ("/api/v1/products", "/api/v1/products/ring")


@pytest.fixture
def patient(app, settings, monkeypatch):
    """A shop whose shoppers see what was so within the last minute."""
    monkeypatch.setitem(app.config, "ORA", settings.model_copy(update={"cache_seconds": 60}))
    for kept in (shelves._PIECES, shelves._PAGES, standing._STANDINGS, stock._LABELS):
        kept.clear()
    yield
    for kept in (shelves._PIECES, shelves._PAGES, standing._STANDINGS, stock._LABELS):
        kept.clear()


def piece(client, path):
    told = client.get(path).json
    return told["items"][0] if "items" in told else told


def reprice(session):
    session.execute(update(Product).values(price=7))


@pytest.mark.parametrize("path", LISTS)
def test_a_price_may_be_a_moment_old_and_the_stock_beside_it_is_of_now(
    shop, client, session, patient, path
):
    shop.product("ring", 3)
    before = piece(client, path)

    reprice(session)
    shop.customer().check_out(ring=1)
    after = piece(client, path)

    assert (before["price"], before["available"]) == ({"amount": 100_000, "currency": "INR"}, 3)
    assert (after["price"], after["available"]) == (before["price"], 2)


@pytest.mark.parametrize("path", LISTS)
def test_a_shop_that_keeps_nothing_shows_everything_at_once(shop, client, session, path):
    shop.product("ring", 3)
    piece(client, path)

    reprice(session)

    assert piece(client, path)["price"]["amount"] == 7


def test_another_page_is_another_answer(shop, client, patient):
    for name in ("ring", "chain"):
        shop.product(name, 1)

    pages = [
        client.get(f"/api/v1/products?limit=1&sort={sort}").json for sort in ("name", "newest")
    ]

    assert [page["items"][0]["sku"] for page in pages] == ["CHAIN", "CHAIN"]
    assert client.get("/api/v1/products?limit=1&sort=price").json["items"][0]["sku"] == "RING"


def test_an_orders_standing_is_told_to_its_customer_alone_however_often_it_was_told(
    shop, session, patient
):
    shop.product("ring", 1)
    buyer, stranger = shop.customer(), shop.customer()
    path = f"/api/v1/orders/{buyer.check_out(ring=1).json['id']}/payment-status"

    first = buyer.get(path).json
    session.execute(update(Order).values(payment_status="failed"))

    assert buyer.get(path).json["payment_status"] == first["payment_status"] == "pending"
    assert stranger.get(path).status_code == 404


def test_availability_is_of_now_and_a_new_product_is_seen_at_once(shop, client, patient):
    shop.product("ring", 3)
    assert client.get("/api/v1/inventory?sku=CHAIN").status_code == 422
    client.get("/api/v1/inventory?sku=RING")

    shop.product("chain", 2)
    shop.customer().check_out(ring=2)

    assert client.get("/api/v1/inventory?sku=RING&sku=CHAIN").json == {
        "items": [
            {"sku": "RING", "available": 1, "low_stock": True},
            {"sku": "CHAIN", "available": 2, "low_stock": False},
        ]
    }
