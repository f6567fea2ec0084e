"""What a customer may ask to send back, and when."""

import pytest
from sqlalchemy import func, select, text, update

from app.orders.models import OrderTransition
from app.returns.models import Return
from tests.api.snapshot import everything
from tests.checkout.steps import at_once
from tests.payments.purchase import purchase
from tests.returns.steps import ask, asked


@pytest.mark.parametrize("status", ["confirmed", "processing", "shipped"])
def test_what_was_not_delivered_cannot_come_back(shop, session, redis, staff, status):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    for step in ("processing", "shipped"):
        if bought.status[0] != status:
            staff.post(f"/api/v1/admin/orders/{bought.order_id}/status", {"status": step})
    before = everything(session, redis)

    refused = ask(bought, ring=1)

    assert (refused.status_code, refused.json["code"]) == (409, "return_window_closed")
    assert refused.json["order_status"] == status
    assert everything(session, redis) == before


def test_the_window_closes(session, bought):
    late = func.now() - func.make_interval(0, 0, 0, 15)
    session.execute(guard("DISABLE"))
    session.execute(
        update(OrderTransition)
        .where(OrderTransition.to_status == "delivered")
        .values(created_at=late)
    )
    session.execute(guard("ENABLE"))

    refused = ask(bought, ring=1)

    assert (refused.status_code, refused.json["code"]) == (409, "return_window_closed")
    assert refused.json["detail"].startswith("It closed on ")


def guard(verb):
    """Switch what keeps steps as they were written off, or on again."""
    return text(f"ALTER TABLE order_transitions {verb} TRIGGER order_transitions_append_only")


def test_no_more_comes_back_than_was_bought(session, redis, bought):
    asked(bought, ring=2)
    before = everything(session, redis)

    refused = ask(bought, ring=2, tiara=1)

    assert (refused.status_code, refused.json["code"]) == (409, "units_not_returnable")
    assert refused.json["lines"] == [
        {"sku": "RING", "requested": 2, "left": 1},
        {"sku": "TIARA", "requested": 1, "left": 0},
    ]
    assert everything(session, redis) == before


def test_cancelled_units_do_not_come_back(shop, staff):
    shop.product("ring", 5)
    bought = purchase(shop, ring=3)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    body = {"reference": "1", "lines": [{"sku": "RING", "quantity": 2}]}
    bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel-units", body)
    for step in ("processing", "shipped", "delivered"):
        staff.post(f"/api/v1/admin/orders/{bought.order_id}/status", {"status": step})

    assert ask(bought, ring=2).json["lines"] == [{"sku": "RING", "requested": 2, "left": 1}]
    assert ask(bought, ring=1).status_code == 201


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ({"quantity": 0}, "#/lines/0/quantity"),
        ({"quantity": "1"}, "#/lines/0/quantity"),
        ({"reason": "just so"}, "#/lines/0/reason"),
        ({"reason": None}, "#/lines/0/reason"),
        ({"sku": "ring!"}, "#/lines/0/sku"),
        ({"photos": ["http://photos.example/1.jpg"]}, "#/lines/0/photos/0"),
        ({"photos": ["javascript:alert(1)"]}, "#/lines/0/photos/0"),
        ({"photos": ["https://photos.example/1.jpg"] * 6}, "#/lines/0/photos"),
        ({"photos": ["https://photos.example/" + "x" * 500]}, "#/lines/0/photos/0"),
        ({"exchange_for": "?"}, "#/lines/0/exchange_for"),
    ],
)
def test_a_wish_that_makes_no_sense_is_named(session, redis, bought, line, pointer):
    before = everything(session, redis)
    well_formed = {"sku": "RING", "quantity": 1, "reason": "other"}

    refused = bought.buyer.post(
        f"/api/v1/orders/{bought.order_id}/returns", {"lines": [well_formed | line]}
    )

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]
    assert everything(session, redis) == before


def test_two_who_ask_for_the_last_units_at_once(session, bought):
    answers = at_once([lambda: ask(bought, ring=2)] * 3)

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert session.scalar(select(func.count()).select_from(Return)) == 1
