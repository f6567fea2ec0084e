"""The cart: filled, emptied, and priced as checkout would price it."""

import pytest
from sqlalchemy import select, update

from app.carts.models import CartItem
from app.catalog.models import Product
from app.core.db import transaction
from tests.builders import ADDRESS, values

CART = "/api/v1/cart"
EMPTY = {
    "lines": [],
    "saved": [],
    "subtotal": {"amount": 0, "currency": "INR"},
    "tax": {"amount": 0, "currency": "INR"},
    "shipping_fee": {"amount": 0, "currency": "INR"},
    "total": {"amount": 0, "currency": "INR"},
}


def put(buyer, sku, quantity):
    return buyer.put(f"{CART}/items/{sku}", {"quantity": quantity})


def money(amount):
    return {"amount": amount, "currency": "INR"}


def quantities(response):
    return {line["sku"]: line["quantity"] for line in response.json["lines"]}


def test_a_new_customers_cart_is_empty_and_costs_nothing(shop):
    assert shop.customer().get(CART).json == EMPTY


def test_a_product_put_into_the_cart_is_shown_at_its_price_of_now(shop):
    shop.product("ring", 3, price=299_999)
    buyer = shop.customer()

    response = put(buyer, "RING", 2)

    assert (response.status_code, response.json) == (
        200,
        {
            "lines": [
                {
                    "sku": "RING",
                    "slug": "ring",
                    "name": "The ring",
                    "quantity": 2,
                    "unit_price": money(299_999),
                    "tax": money(18_000),
                    "total": money(617_998),
                    "available": 3,
                    "is_short": False,
                }
            ],
            "saved": [],
            "subtotal": money(599_998),
            "tax": money(18_000),
            "shipping_fee": money(0),
            "total": money(617_998),
        },
    )
    assert buyer.get(CART).json == response.json


def test_putting_a_product_again_replaces_its_quantity(shop):
    shop.product("ring", 9)
    buyer = shop.customer()

    answers = [put(buyer, "RING", quantity) for quantity in (2, 5, 1)]

    assert [quantities(r) for r in answers] == [{"RING": 2}, {"RING": 5}, {"RING": 1}]


def test_taking_one_product_out_leaves_the_others(shop):
    for name in ("ring", "chain"):
        shop.product(name, 1)
    buyer = shop.customer()
    put(buyer, "RING", 1)
    put(buyer, "CHAIN", 1)

    response = buyer.delete(f"{CART}/items/RING")

    assert (response.status_code, quantities(response)) == (200, {"CHAIN": 1})
    assert buyer.get(CART).json == response.json


def test_taking_out_what_is_not_in_there_changes_nothing(shop):
    shop.product("ring", 1)
    buyer = shop.customer()
    filled = put(buyer, "RING", 1).json

    answers = [buyer.delete(f"{CART}/items/{sku}") for sku in ("CHAIN", "NOT-OURS")]

    assert [(r.status_code, r.json) for r in answers] == [(200, filled)] * 2


def test_an_emptied_cart_is_empty(shop):
    shop.product("ring", 1)
    buyer = shop.customer()
    put(buyer, "RING", 1)

    response = buyer.delete(CART)

    assert (response.status_code, response.data) == (204, b"")
    assert buyer.get(CART).json == EMPTY


def test_each_customer_has_a_cart_of_their_own(shop):
    shop.product("ring", 1)
    meera, arjun = shop.customer(), shop.customer()
    put(meera, "RING", 1)

    arjun.delete(f"{CART}/items/RING")
    arjun.delete(CART)

    assert arjun.get(CART).json == EMPTY
    assert quantities(meera.get(CART)) == {"RING": 1}


def test_a_cart_holds_no_units(shop):
    shop.product("ring", 2)

    put(shop.customer(), "RING", 2)

    levels = shop.levels("ring")
    assert (levels.reserved, levels.available) == (0, 2)


def test_a_line_that_wants_more_than_there_is_says_so(shop):
    shop.product("ring", 2)
    shop.product("chain", 2)
    shop.product("stud", 0)
    shop.customer().check_out(ring=1)
    buyer = shop.customer()

    for sku in ("RING", "CHAIN", "STUD"):
        response = put(buyer, sku, 2)

    assert {
        line["sku"]: (line["available"], line["is_short"]) for line in response.json["lines"]
    } == {"RING": (1, True), "CHAIN": (2, False), "STUD": (0, True)}


@pytest.mark.parametrize("sku", ["NOT-OURS", "GONE"])
def test_what_is_not_on_sale_goes_into_no_cart(shop, session, sku):
    shop.product("gone", 1, is_active=False)
    buyer = shop.customer()

    response = put(buyer, sku, 1)

    assert (response.status_code, response.json["code"]) == (404, "product_not_found")
    assert session.scalars(select(CartItem)).all() == []


@pytest.mark.parametrize("quantity", [0, -1, 1_001, 10**12])
def test_a_quantity_out_of_bounds_is_refused(shop, session, quantity):
    shop.product("ring", 1)

    response = put(shop.customer(), "RING", quantity)

    assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, "#/quantity")
    assert session.scalars(select(CartItem)).all() == []


@pytest.mark.parametrize("quantity", [1, 1_000])
def test_a_quantity_at_the_bounds_is_taken(shop, quantity):
    shop.product("ring", 1)

    assert quantities(put(shop.customer(), "RING", quantity)) == {"RING": quantity}


def test_a_cart_takes_fifty_products_and_not_one_more(shop, session):
    for number in range(51):
        shop.product(f"ring_{number}", 1)
    buyer = shop.customer()
    for number in range(50):
        put(buyer, f"RING-{number}", 1)

    one_more = put(buyer, "RING-50", 1)
    another_quantity = put(buyer, "RING-49", 2)

    assert (one_more.status_code, one_more.json["code"]) == (422, "cart_full")
    assert another_quantity.status_code == 200
    assert values(session.execute(select(CartItem.quantity).order_by(CartItem.quantity))) == [
        *[(1,)] * 49,
        (2,),
    ]


@pytest.mark.parametrize(
    ("price", "quantity", "shipping", "total"),
    [
        (99_999, 1, 5_000, 99_999 + 3_000 + 5_000),
        (100_000, 1, 0, 103_000),
        (50_000, 2, 0, 103_000),
        (33_333, 3, 5_000, 99_999 + 3_000 + 5_000),
        (1, 1, 5_000, 5_001),
        (17, 1, 5_000, 5_018),
    ],
)
def test_shipping_is_free_from_1000_rupees_before_tax_and_50_rupees_below(
    shop, price, quantity, shipping, total
):
    shop.product("ring", 5, price=price)

    cart = put(shop.customer(), "RING", quantity).json

    assert (cart["shipping_fee"], cart["total"]) == (money(shipping), money(total))


def test_the_cart_tells_the_total_that_checkout_asks(shop):
    shop.product("ring", 5, price=12_345)
    shop.product("chain", 5, price=67_891, tax_basis_points=1_800)
    shop.product("stud", 5, price=11, tax_basis_points=0)
    buyer = shop.customer()
    for sku, quantity in (("RING", 3), ("CHAIN", 1), ("STUD", 4)):
        put(buyer, sku, quantity)
    cart = buyer.get(CART).json

    order = buyer.post(
        "/api/v1/checkout",
        {"shipping_address": ADDRESS, "expected_total": cart["total"]},
        Idempotency_Key="k",
    )

    assert order.status_code == 201
    named = ("sku", "name", "quantity", "unit_price", "tax", "total")
    assert [{k: line[k] for k in named} for line in order.json["lines"]] == [
        {k: line[k] for k in named} for line in cart["lines"]
    ]
    for amount in ("subtotal", "tax", "shipping_fee", "total"):
        assert order.json[amount] == cart[amount]


def test_the_cart_follows_a_new_price(shop, session):
    shop.product("ring", 1, price=100_000)
    buyer = shop.customer()
    put(buyer, "RING", 1)
    session.execute(update(Product).values(price=200_000))

    assert buyer.get(CART).json["total"] == money(206_000)


def test_what_was_taken_off_sale_stays_in_the_cart_as_short_until_it_is_removed(shop, session):
    for name in ("ring", "chain"):
        shop.product(name, 1)
    buyer = shop.customer()
    for sku in ("RING", "CHAIN"):
        put(buyer, sku, 1)
    with transaction() as inner:
        inner.execute(update(Product).where(Product.sku == "RING").values(is_active=False))

    lines = {line["sku"]: line for line in buyer.get(CART).json["lines"]}
    assert (lines["RING"]["available"], lines["RING"]["is_short"]) == (0, True)
    assert (lines["CHAIN"]["available"], lines["CHAIN"]["is_short"]) == (1, False)
    assert quantities(buyer.delete(f"{CART}/items/RING")) == {"CHAIN": 1}


def test_a_checkout_leaves_the_cart_until_it_is_paid(shop):
    shop.product("ring", 1)
    buyer = shop.customer()
    put(buyer, "RING", 1)

    buyer.check_out()

    assert quantities(buyer.get(CART)) == {"RING": 1}


class TestSavedForLater:
    def test_what_is_saved_is_not_bought_and_comes_back(self, shop):
        shop.product("ring", 5)
        shop.product("chain", 0)
        buyer = shop.customer()
        put(buyer, "RING", 2)
        put(buyer, "CHAIN", 1)

        shown = buyer.put(f"{CART}/saved/CHAIN", None)

        assert quantities(shown) == {"RING": 2}
        assert [(line["sku"], line["available"]) for line in shown.json["saved"]] == [("CHAIN", 0)]
        assert buyer.check_out().status_code == 201
        assert buyer.put(f"{CART}/saved/CHAIN", None).status_code == 200
        assert quantities(put(buyer, "CHAIN", 1)) == {"RING": 2, "CHAIN": 1}

    def test_what_is_not_in_the_cart_is_not_saved(self, shop):
        shop.product("ring", 5)

        refused = shop.customer().put(f"{CART}/saved/RING", None)

        assert (refused.status_code, refused.json["code"]) == (404, "product_not_found")

    def test_emptying_the_cart_leaves_it_and_dropping_does_not(self, shop):
        shop.product("ring", 5)
        buyer = shop.customer()
        put(buyer, "RING", 2)
        buyer.put(f"{CART}/saved/RING", None)

        buyer.delete(CART)
        buyer.delete(f"{CART}/items/RING")
        assert len(buyer.get(CART).json["saved"]) == 1
        assert buyer.delete(f"{CART}/saved/RING").json["saved"] == []

    def test_what_was_bought_stays_saved_where_it_was(self, shop):
        """Saved while it was paid for, it is wanted once more."""
        shop.product("ring", 5)
        buyer = shop.customer()
        put(buyer, "RING", 1)
        opened = buyer.open_payment(buyer.check_out().json["id"])
        buyer.put(f"{CART}/saved/RING", None)

        shop.capture(opened)
        shop.work()

        assert len(buyer.get(CART).json["saved"]) == 1
