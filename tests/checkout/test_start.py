"""A checkout reserves what it says and orders it at the prices of now, or does neither."""

import pytest
from sqlalchemy import delete, func, select, update

from app.accounts.models import SignedInSession, User
from app.catalog.models import Product
from app.orders.models import Order
from tests.api.snapshot import row_counts
from tests.builders import ADDRESS
from tests.checkout.steps import basket, reservations, send, told


def money(amount):
    return {"amount": amount, "currency": "INR"}


def bought(order):
    return {line["sku"]: line["quantity"] for line in order["lines"]}


def nothing_happened(shop, session, *names, units=5):
    """No order, no durable reservation, and every unit on sale."""
    assert session.scalar(select(func.count(Order.id))) == 0
    assert reservations(session) == []
    levels = {name: (shop.levels(name).reserved, shop.levels(name).available) for name in names}
    assert levels == dict.fromkeys(names, (0, units))


@pytest.fixture
def buyer(shop):
    for name in ("ring", "chain"):
        shop.product(name, 5)
    return shop.customer()


def test_the_named_lines_are_ordered_and_their_units_are_held(shop, buyer, session):
    response = send(buyer, basket(ring=2, chain=1))

    assert (response.status_code, bought(response.json)) == (201, {"CHAIN": 1, "RING": 2})
    assert "Idempotency-Replayed" not in response.headers
    assert [(shop.levels(n).reserved, shop.levels(n).available) for n in ("ring", "chain")] == [
        (2, 3),
        (1, 4),
    ]
    assert reservations(session) == [(1, "pending"), (2, "pending")]
    assert shop.on_hand("ring") == 5


@pytest.mark.parametrize("lines", [{}, {"lines": None}], ids=["left out", "null"])
def test_without_lines_the_cart_is_ordered(buyer, lines):
    buyer.put("/api/v1/cart/items/RING", {"quantity": 3})
    buyer.put("/api/v1/cart/items/CHAIN", {"quantity": 1})

    response = send(buyer, {"shipping_address": ADDRESS} | lines)

    assert (response.status_code, bought(response.json)) == (201, {"CHAIN": 1, "RING": 3})


def test_named_lines_leave_the_cart_out_of_it(buyer):
    buyer.put("/api/v1/cart/items/CHAIN", {"quantity": 1})

    order = send(buyer, basket(ring=1)).json

    assert bought(order) == {"RING": 1}


def test_an_empty_cart_orders_nothing(shop, buyer, session):
    response = send(buyer, {"shipping_address": ADDRESS})

    assert (response.status_code, response.json["code"]) == (422, "cart_empty")
    nothing_happened(shop, session, "ring", "chain")


def test_a_product_named_twice_is_summed(shop, buyer, session):
    lines = [{"sku": "RING", "quantity": 1}, {"sku": "CHAIN", "quantity": 1}]
    lines += [{"sku": "RING", "quantity": 2}]

    order = send(buyer, {"lines": lines, "shipping_address": ADDRESS}).json

    assert bought(order) == {"CHAIN": 1, "RING": 3}
    assert shop.levels("ring").reserved == 3


def test_a_product_named_twice_is_short_by_its_sum(shop, buyer, session):
    lines = [{"sku": "RING", "quantity": 3}] * 2

    response = send(buyer, {"lines": lines, "shipping_address": ADDRESS})

    assert (response.status_code, response.json["lines"]) == (
        409,
        [{"sku": "RING", "requested": 6, "available": 5}],
    )
    nothing_happened(shop, session, "ring", "chain")


@pytest.mark.parametrize("quantity", [0, -1, 1_001])
def test_a_quantity_out_of_bounds_is_refused(shop, buyer, session, quantity):
    response = send(buyer, basket(ring=quantity))

    assert (response.status_code, response.json["errors"][0]["pointer"]) == (
        422,
        "#/lines/0/quantity",
    )
    nothing_happened(shop, session, "ring", "chain")


def test_a_thousand_units_of_a_product_are_the_most(shop):
    shop.product("stud", 2_000, price=100)
    buyer = shop.customer()

    answers = [send(buyer, basket(stud=quantity), str(quantity)) for quantity in (1_000, 1_001)]

    assert [r.status_code for r in answers] == [201, 422]
    assert shop.levels("stud").reserved == 1_000


def test_fifty_products_are_ordered_at_once_and_fifty_one_are_not(shop, session):
    names = [f"stud_{number}" for number in range(51)]
    for name in names:
        shop.product(name, 1)
    buyer = shop.customer()

    fifty_one = send(buyer, basket(**dict.fromkeys(names, 1)))
    fifty = send(buyer, basket(**dict.fromkeys(names[:50], 1)))

    assert (fifty_one.status_code, fifty_one.json["errors"][0]["pointer"]) == (422, "#/lines")
    assert (fifty.status_code, len(fifty.json["lines"])) == (201, 50)
    assert len(reservations(session)) == 50


def test_the_total_that_was_expected_is_ordered(buyer):
    response = send(buyer, basket(ring=1) | {"expected_total": money(103_000)})

    assert (response.status_code, response.json["total"]) == (201, money(103_000))


@pytest.mark.parametrize("expected", [0, 102_999, 103_001, 100_000])
def test_another_total_is_refused_with_both_and_the_units_are_back_at_once(
    shop, buyer, session, expected
):
    response = send(buyer, basket(ring=1) | {"expected_total": money(expected)})

    assert (response.status_code, told(response)) == (
        409,
        {
            "type": "/problems/price-changed",
            "title": "The total is not the expected one; nothing was ordered.",
            "status": 409,
            "code": "price_changed",
            "expected_total": money(expected),
            "total": money(103_000),
        },
    )
    nothing_happened(shop, session, "ring", "chain")


def test_a_price_that_changes_under_the_buyer_is_told_and_can_be_agreed_to(shop, buyer, session):
    buyer.put("/api/v1/cart/items/RING", {"quantity": 1})
    seen = buyer.get("/api/v1/cart").json["total"]
    session.execute(update(Product).where(Product.sku == "RING").values(price=120_000))
    body = {"shipping_address": ADDRESS}

    refused = send(buyer, body | {"expected_total": seen})
    agreed = send(buyer, body | {"expected_total": refused.json["total"]})

    assert (refused.status_code, refused.json["total"]) == (409, money(123_600))
    assert (agreed.status_code, agreed.json["total"]) == (201, money(123_600))
    assert shop.levels("ring").reserved == 1


def test_an_sku_that_the_shop_does_not_have_is_refused_by_name(shop, buyer, session):
    body = basket(ring=1, not_ours=1, nor_this=1)

    response = send(buyer, body)

    assert (response.status_code, told(response)) == (
        422,
        {
            "type": "/problems/unknown-sku",
            "title": "The shop has no product with this SKU.",
            "status": 422,
            "code": "unknown_sku",
            "detail": "There is no product NOR-THIS, NOT-OURS.",
            "skus": ["NOR-THIS", "NOT-OURS"],
        },
    )
    nothing_happened(shop, session, "ring", "chain")


def test_a_product_taken_off_sale_is_refused_by_name(shop, buyer, session):
    session.execute(update(Product).where(Product.sku == "RING").values(is_active=False))

    response = send(buyer, basket(ring=1, chain=1))

    assert (response.status_code, told(response)) == (
        409,
        {
            "type": "/problems/product-unavailable",
            "title": "A product is no longer on sale; nothing was ordered.",
            "status": 409,
            "code": "product_unavailable",
            "detail": "RING cannot be bought now.",
            "skus": ["RING"],
        },
    )
    nothing_happened(shop, session, "ring", "chain")


def test_every_short_line_is_named_and_none_is_held(shop, buyer, session):
    shop.product("stud", 0)

    response = send(buyer, basket(stud=1, ring=6, chain=5))

    assert (response.status_code, told(response)) == (
        409,
        {
            "type": "/problems/insufficient-stock",
            "title": "Fewer units are available than were asked for.",
            "status": 409,
            "code": "insufficient_stock",
            "lines": [
                {"sku": "RING", "requested": 6, "available": 5},
                {"sku": "STUD", "requested": 1, "available": 0},
            ],
        },
    )
    nothing_happened(shop, session, "ring", "chain")


def test_a_saved_address_is_taken_by_its_id(buyer):
    home = buyer.post("/api/v1/me/addresses", ADDRESS).json
    work = buyer.post("/api/v1/me/addresses", ADDRESS | {"line1": "1 Anna Salai"}).json
    body = {"lines": basket(ring=1)["lines"], "shipping_address_id": home["id"]}

    order = send(buyer, body | {"billing_address_id": work["id"]}).json

    assert (order["shipping_address"], order["billing_address"]) == (
        ADDRESS | {"country": "IN"},
        ADDRESS | {"line1": "1 Anna Salai", "country": "IN"},
    )


def test_without_a_billing_address_the_bill_goes_where_the_parcel_goes(buyer):
    order = send(buyer, basket(ring=1)).json

    assert order["billing_address"] == order["shipping_address"] == ADDRESS | {"country": "IN"}


@pytest.mark.parametrize("kind", ["shipping", "billing"])
def test_another_customers_address_is_refused_and_nothing_is_held(shop, buyer, session, kind):
    theirs = shop.customer().post("/api/v1/me/addresses", ADDRESS).json["id"]
    body = basket(ring=1) | ({"shipping_address": None} if kind == "shipping" else {})

    response = send(buyer, body | {f"{kind}_address_id": theirs})

    assert (response.status_code, response.json["errors"]) == (
        422,
        [{"pointer": f"#/{kind}_address_id", "detail": "is not one of your addresses"}],
    )
    nothing_happened(shop, session, "ring", "chain")


def test_a_parcel_needs_an_address(shop, buyer, session):
    response = send(buyer, {"lines": basket(ring=1)["lines"], "billing_address": ADDRESS})

    assert (response.status_code, response.json["errors"]) == (
        422,
        [{"pointer": "#", "detail": "needs shipping_address_id or shipping_address"}],
    )
    nothing_happened(shop, session, "ring", "chain")


def test_an_address_written_into_the_order_is_not_saved(buyer):
    send(buyer, basket(ring=1))

    assert buyer.get("/api/v1/me/addresses").json == {"items": []}


@pytest.mark.parametrize(
    ("notes", "kept"),
    [("Ring twice ", "Ring twice"), ("न" * 500, "न" * 500), (None, None)],
)
def test_notes_are_kept_with_the_order(buyer, notes, kept):
    assert send(buyer, basket(ring=1) | {"notes": notes}).json["notes"] == kept


@pytest.mark.parametrize("notes", ["", "  ", "x" * 501, "a\x00b", "two\nlines"])
def test_notes_that_cannot_be_kept_are_refused(shop, buyer, session, notes):
    response = send(buyer, basket(ring=1) | {"notes": notes})

    assert (response.status_code, response.json["errors"][0]["pointer"]) == (422, "#/notes")
    nothing_happened(shop, session, "ring", "chain")


def test_a_checkout_writes_its_order_and_nothing_of_a_payment(buyer, session):
    before = row_counts(session)

    send(buyer, basket(ring=1, chain=1))

    after = row_counts(session)
    assert {name: count - before.get(name, 0) for name, count in after.items()} == {
        "idempotency_keys": 1,
        "order_lines": 2,
        "orders": 1,
        "reservations": 2,
        # That it was placed is told.
        "outbox": 1,
    } | dict.fromkeys(before.keys() - {"outbox"}, 0)


def test_a_buyer_whose_account_is_gone_buys_nothing(shop, session):
    shop.product("ring", 5)
    buyer = shop.customer()
    session.execute(delete(SignedInSession))
    session.execute(delete(User))

    response = send(buyer, basket(ring=1))

    assert (response.status_code, response.json["code"]) == (401, "session_ended")
    nothing_happened(shop, session, "ring")
