"""Customers see their own orders, whole and in order, and nobody else's."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.catalog.models import Product
from app.orders.models import Order
from tests.builders import ADDRESS

ORDERS = "/api/v1/orders"


def money(amount):
    return {"amount": amount, "currency": "INR"}


def rfc3339(moment):
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture
def buyer(shop):
    shop.product("ring", 100)
    return shop.customer()


def pages(buyer, limit):
    cursor, found = None, []
    while True:
        page = buyer.get(f"{ORDERS}?limit={limit}" + (f"&cursor={cursor}" if cursor else "")).json
        found.append([order["id"] for order in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def test_an_order_is_told_as_the_contract_has_it(shop, session):
    shop.product("ring", 5, price=45_017)
    shop.product("chain", 5, price=11_111, tax_basis_points=1_800)
    buyer = shop.customer()
    billing = ADDRESS | {"name": "Iyer & Co", "line2": "2nd floor"}

    placed = buyer.post(
        "/api/v1/checkout",
        {
            "lines": [{"sku": "RING", "quantity": 2}, {"sku": "CHAIN", "quantity": 1}],
            "shipping_address": ADDRESS,
            "billing_address": billing,
            "notes": "Please ring twice.",
        },
        Idempotency_Key="k",
    ).json

    kept = session.scalars(select(Order)).one()
    assert placed == {
        "id": str(kept.id),
        "number": kept.number,
        "status": "pending",
        "payment_status": "pending",
        "pays_on_delivery": False,
        "lines": [
            {
                "sku": "CHAIN",
                "name": "The chain",
                "quantity": 1,
                "cancelled_quantity": 0,
                "returned_quantity": 0,
                "unit_price": money(11_111),
                "discount": money(0),
                "tax": money(2_000),
                "total": money(13_111),
                "ships_on": None,
            },
            {
                "sku": "RING",
                "name": "The ring",
                "quantity": 2,
                "cancelled_quantity": 0,
                "returned_quantity": 0,
                "unit_price": money(45_017),
                "discount": money(0),
                "tax": money(2_701),
                "total": money(92_735),
                "ships_on": None,
            },
        ],
        "subtotal": money(101_145),
        "discount": money(0),
        "tax": money(4_701),
        "shipping_fee": money(0),
        "total": money(105_846),
        "shipping_address": ADDRESS | {"country": "IN"},
        "billing_address": billing | {"country": "IN"},
        "notes": "Please ring twice.",
        "coupon_code": None,
        "courier": None,
        "tracking_number": None,
        "expires_at": rfc3339(kept.expires_at),
        "created_at": rfc3339(kept.created_at),
    }
    assert re.fullmatch(r"ORA(-[0-9A-HJKMNP-TV-Z]{4}){3}", placed["number"])
    assert buyer.order(placed["id"]) == placed
    assert buyer.get(ORDERS).json == {"items": [placed], "next_cursor": None}


def test_an_order_keeps_its_prices_and_names_when_the_shop_changes_them(shop, buyer, session):
    placed = buyer.check_out(ring=1).json

    session.execute(update(Product).values(price=1, name="Another", tax_basis_points=0))

    assert buyer.order(placed["id"]) == placed


def test_a_customer_without_orders_has_an_empty_list(buyer):
    assert buyer.get(ORDERS).json == {"items": [], "next_cursor": None}


def test_orders_come_newest_first_and_each_once_however_they_are_leafed_through(buyer):
    placed = [buyer.check_out(ring=1).json["id"] for _ in range(5)]

    leafed = {limit: pages(buyer, limit) for limit in (1, 2, 4, 5, 6)}

    newest_first = placed[::-1]
    assert leafed == {
        limit: [newest_first[start : start + limit] for start in range(0, 5, limit)]
        for limit in (1, 2, 4, 5, 6)
    }


def test_orders_of_one_instant_are_leafed_through_once_each(buyer, session):
    placed = {buyer.check_out(ring=1).json["id"] for _ in range(4)}
    session.execute(update(Order).values(created_at=datetime(2026, 1, 1, tzinfo=UTC)))

    found = [order_id for page in pages(buyer, 1) for order_id in page]

    assert len(found) == 4
    assert set(found) == placed


def test_an_order_placed_while_leafing_pushes_none_twice_onto_a_page(buyer):
    placed = [buyer.check_out(ring=1).json["id"] for _ in range(3)]
    first = buyer.get(f"{ORDERS}?limit=2").json

    buyer.check_out(ring=1)

    rest = buyer.get(f"{ORDERS}?limit=2&cursor={first['next_cursor']}").json
    assert [order["id"] for order in first["items"] + rest["items"]] == placed[::-1]


def test_without_being_asked_a_page_has_twenty_orders(buyer, session):
    for _ in range(21):
        buyer.check_out(ring=1)

    page = buyer.get(ORDERS).json

    assert (len(page["items"]), page["next_cursor"] is None) == (20, False)


def test_another_customers_orders_are_not_there(shop, buyer):
    order_id = buyer.check_out(ring=1).json["id"]
    stranger = shop.customer()

    answers = [
        stranger.get(f"{ORDERS}/{order_id}"),
        stranger.get(f"{ORDERS}/{order_id}/payment-status"),
        stranger.post(f"{ORDERS}/{order_id}/payments"),
        stranger.post(f"{ORDERS}/{order_id}/cancel", {}),
    ]

    assert [(r.status_code, r.json["code"]) for r in answers] == [(404, "order_not_found")] * 4
    assert stranger.get(ORDERS).json["items"] == []
    assert buyer.order(order_id)["status"] == "pending"


def test_a_strangers_cursor_shows_no_order_of_its_owner(shop, buyer):
    for _ in range(2):
        buyer.check_out(ring=1)
    cursor = buyer.get(f"{ORDERS}?limit=1").json["next_cursor"]

    response = shop.customer().get(f"{ORDERS}?cursor={cursor}")

    assert response.json == {"items": [], "next_cursor": None}


def test_staff_have_no_other_view_of_orders_here(shop, buyer):
    order_id = buyer.check_out(ring=1).json["id"]

    response = shop.customer(role="admin").get(f"{ORDERS}/{order_id}")

    assert response.status_code == 404


def test_a_new_order_is_to_be_paid_in_fifteen_minutes(buyer, session):
    buyer.check_out(ring=1)

    expires_at, created_at = session.execute(select(Order.expires_at, Order.created_at)).one()
    # Two clocks: Redis' deadline was set before Postgres' transaction began.
    assert created_at < expires_at <= created_at + timedelta(minutes=15, seconds=1)


def test_a_customer_finds_orders_by_how_they_stand(shop):
    shop.product("ring", 5)
    buyer = shop.customer()
    pending, cancelled = (buyer.check_out(ring=1).json["id"] for _ in range(2))
    buyer.post(f"/api/v1/orders/{cancelled}/cancel")

    for status, wanted in (("pending", [pending]), ("cancelled", [cancelled]), ("shipped", [])):
        found = buyer.get(f"/api/v1/orders?status={status}").json["items"]
        assert [order["id"] for order in found] == wanted
    assert buyer.get("/api/v1/orders?status=lost").status_code == 422
