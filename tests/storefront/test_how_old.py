"""How old what shoppers see may be: what a product is, and, for less long, what is available."""

import pytest
from sqlalchemy import update

from app.catalog.models import Product
from app.checkout import standing
from app.inventory import routes as inventory
from app.inventory import stock
from app.orders.models import Order
from app.storefront import shelves

LISTS = ("/api/v1/products", "/api/v1/products/ring")


def _forget():
    caches = (
        shelves._PIECES, shelves._PAGES, standing._STANDINGS,
        stock._LABELS, stock._LEVELS, inventory._SHOWN,
    )  # fmt: skip
    for kept in caches:
        kept.clear()


@pytest.fixture
def patient(app, settings, monkeypatch):
    """A shop whose shoppers see what was so within the last minute."""
    monkeypatch.setitem(app.config, "ORA", settings.model_copy(update={"cache_seconds": 60}))
    _forget()
    yield
    _forget()


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


@pytest.fixture
def calm(app, patient, monkeypatch):
    """A shop whose shoppers see what was available within the last minute."""
    changed = app.config["ORA"].model_copy(update={"availability_cache_seconds": 60})
    monkeypatch.setitem(app.config, "ORA", changed)


@pytest.mark.parametrize("path", [*LISTS, "/api/v1/inventory?sku=RING"])
def test_what_is_shown_as_available_may_be_a_moment_old_and_is_sold_once(shop, client, calm, path):
    shop.product("ring", 1)
    assert piece(client, path)["available"] == 1
    buyer, late = shop.customer(), shop.customer()

    assert buyer.check_out(ring=1).status_code == 201

    assert piece(client, path)["available"] == 1
    refused = late.check_out(ring=1)
    assert (refused.status_code, refused.json["lines"][0]["available"]) == (409, 0)


def test_staff_and_carts_are_told_of_now(shop, client, calm):
    shop.product("ring", 3)
    buyer, staff = shop.customer(), shop.customer(role="staff")
    piece(client, "/api/v1/inventory?sku=RING")
    buyer.put("/api/v1/cart/items/RING", {"quantity": 1})

    assert shop.customer().check_out(ring=2).status_code == 201

    [told] = staff.get("/api/v1/inventory?sku=RING").json["items"]
    assert (told["available"], told["reserved"]) == (1, 2)
    assert buyer.get("/api/v1/cart").json["lines"][0]["available"] == 1


def test_what_is_not_known_is_not_kept(shop, client, calm):
    assert client.get("/api/v1/inventory?sku=RING").json["code"] == "unknown_sku"
    shop.product("ring", 1)

    assert piece(client, "/api/v1/inventory?sku=RING")["available"] == 1


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
