"""Something else in the place of what comes back."""

import pytest

from app.inventory.terms import Levels
from tests.returns.steps import decide


@pytest.fixture
def return_id(shop, bought):
    shop.product("bangle", 1, price=120_000)
    line = {"sku": "RING", "quantity": 1, "reason": "wrong_size", "exchange_for": "BANGLE"}
    path = f"/api/v1/orders/{bought.order_id}/returns"
    return bought.buyer.post(path, {"lines": [line]}).json["id"]


def exchange(bought, return_id):
    return bought.buyer.post(f"/api/v1/returns/{return_id}/exchange")


def test_it_is_an_order_like_any_and_the_two_know_each_other(shop, staff, bought, return_id):
    assert exchange(bought, return_id).json["code"] == "nothing_to_exchange"
    decide(staff, return_id)

    order = exchange(bought, return_id)
    again = exchange(bought, return_id)

    assert (order.status_code, order.json["status"]) == (200, "pending")
    assert again.json == order.json
    assert [line["sku"] for line in order.json["lines"]] == ["BANGLE"]
    assert order.json["shipping_address"] == bought.buyer.order(bought.order_id)["shipping_address"]
    assert shop.levels("bangle") == Levels(1, 1, 0)
    told = bought.buyer.get(f"/api/v1/returns/{return_id}").json
    assert told["exchange_order_id"] == order.json["id"]


def test_one_that_was_cancelled_is_ordered_anew(staff, bought, return_id):
    decide(staff, return_id)
    first = exchange(bought, return_id).json["id"]
    bought.buyer.post(f"/api/v1/orders/{first}/cancel")

    second = exchange(bought, return_id).json

    assert second["id"] != first
    assert second["status"] == "pending"


def test_what_is_sold_out_is_said_so(shop, staff, bought, return_id):
    decide(staff, return_id)
    shop.customer().check_out(bangle=1)

    assert exchange(bought, return_id).json["code"] == "insufficient_stock"
