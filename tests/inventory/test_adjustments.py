"""Staff change what is on hand: deliveries, adjustments and write-offs, all lines or none."""

import pytest
from sqlalchemy import select

from app.core.db import CommitUnknown
from app.core.problems import ReferenceReused
from app.inventory import adjustments, ledger, reconciler
from app.inventory.adjustments import Change
from app.inventory.models import StockMovement
from app.inventory.terms import Levels
from tests.api.snapshot import everything
from tests.builders import values
from tests.checkout.steps import at_once

PATH = "/api/v1/admin/inventory/adjustments"
MOVEMENTS = select(
    StockMovement.kind, StockMovement.units, StockMovement.balance, StockMovement.reason
).order_by(StockMovement.id)


@pytest.fixture
def clerk(shop):
    shop.product("ring", 5)
    shop.product("chain", 2)
    return shop.customer(role="staff")


def body(*lines, reference="count-1"):
    return {
        "reference": reference,
        "lines": [
            {"sku": sku, "delta": delta, "kind": kind, "reason": "counted"}
            for sku, delta, kind in lines
        ],
    }


def test_stock_goes_up_and_down_in_one_booking(shop, session, clerk):
    wanted = body(("RING", -2, "adjustment"), ("CHAIN", 3, "receipt"))

    response = clerk.post(PATH, wanted)

    assert response.status_code == 201, response.text
    assert [
        (item["sku"], item["on_hand"], item["available"]) for item in response.json["items"]
    ] == [
        ("RING", 3, 3),
        ("CHAIN", 5, 5),
    ]
    assert values(session.execute(MOVEMENTS))[-2:] == [
        ("receipt", 3, 5, "counted"),
        ("adjustment", -2, 3, "counted"),
    ]
    assert set(session.scalars(select(StockMovement.actor))) == {"test", f"staff:{clerk.id}"}
    assert (shop.levels("ring"), shop.levels("chain")) == (Levels(3, 0, 0), Levels(5, 0, 0))


def test_the_same_reference_is_booked_once(shop, session, clerk):
    wanted = body(("RING", -2, "write_off"), ("CHAIN", 1, "adjustment"))
    first = clerk.post(PATH, wanted)

    again = clerk.post(PATH, wanted)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == first.json
    assert (shop.on_hand("ring"), shop.on_hand("chain")) == (3, 3)


@pytest.mark.parametrize("delta", [-1, 4])
def test_the_same_reference_at_once_is_booked_once(shop, session, redis, clerk, delta):
    kind = "adjustment"
    answers = at_once([lambda: clerk.post(PATH, body(("RING", delta, kind)))] * 5)

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert shop.levels("ring") == Levels(5 + delta, 0, 0)
    assert reconciler.suspicions(session, redis, ["RING"], longest_ms=900_000) == {}


@pytest.mark.parametrize(
    "other",
    [
        body(("RING", -3, "adjustment")),
        body(("RING", -2, "write_off")),
        body(("CHAIN", -2, "adjustment")),
        body(("RING", -2, "adjustment"), ("CHAIN", 1, "adjustment")),
    ],
)
def test_a_reference_is_not_used_for_other_lines(shop, session, redis, clerk, other):
    clerk.post(PATH, body(("RING", -2, "adjustment")))
    before = everything(session, redis)

    response = clerk.post(PATH, other)

    assert (response.status_code, response.json["code"]) == (409, "reference_reused")
    assert everything(session, redis) == before


def test_units_that_somebody_holds_cannot_be_taken_away(shop, session, redis, clerk):
    assert shop.customer().check_out(ring=4).status_code == 201
    before = values(session.execute(MOVEMENTS))

    response = clerk.post(PATH, body(("CHAIN", 5, "receipt"), ("RING", -2, "write_off")))

    assert (response.status_code, response.json["code"]) == (409, "insufficient_stock")
    assert response.json["lines"] == [{"sku": "RING", "requested": 2, "available": 1}]
    assert values(session.execute(MOVEMENTS)) == before
    assert (shop.levels("ring"), shop.levels("chain")) == (Levels(5, 4, 0), Levels(2, 0, 0))


def test_a_product_that_nobody_has_changes_no_other(shop, session, redis, clerk):
    before = everything(session, redis)

    response = clerk.post(PATH, body(("RING", 5, "receipt"), ("NOSUCH", 1, "receipt")))

    assert (response.status_code, response.json["skus"]) == (422, ["NOSUCH"])
    assert everything(session, redis) == before


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        ({"delta": 0}, "#/lines/0/delta"),
        ({"delta": -1, "kind": "receipt"}, "#/lines/0/delta"),
        ({"delta": 1, "kind": "write_off"}, "#/lines/0/delta"),
        ({"kind": "sale"}, "#/lines/0/kind"),
        ({"reason": ""}, "#/lines/0/reason"),
        ({"delta": 2**31}, "#/lines/0/delta"),
        ({"sku": "ring"}, "#/lines/0/sku"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_by_name(clerk, line, pointer):
    wanted = body(("RING", 1, "adjustment"))
    wanted["lines"][0] |= line

    response = clerk.post(PATH, wanted)

    assert response.status_code == 422
    assert [error["pointer"] for error in response.json["errors"]] == [pointer]


def test_a_product_stands_on_one_line_only(clerk):
    response = clerk.post(PATH, body(("RING", 1, "receipt"), ("RING", 2, "receipt")))

    assert response.status_code == 422
    assert [error["pointer"] for error in response.json["errors"]] == ["#/lines/1/sku"]


def test_more_units_than_a_column_holds_are_refused(shop, clerk):
    response = clerk.post(PATH, body(("RING", 2**31 - 1, "receipt")))

    assert response.status_code == 422, response.text
    assert shop.on_hand("ring") == 5


@pytest.mark.parametrize("role", ["customer", None])
@pytest.mark.parametrize(("method", "path"), [("POST", PATH), ("GET", "/api/v1/admin/inventory")])
def test_only_staff_may_see_and_change_the_stock(shop, client, clerk, role, method, path):
    headers = {} if role is None else shop.customer(role=role).headers

    response = client.open(path, method=method, json=body(("RING", 1, "receipt")), headers=headers)

    code = {None: (401, "unauthenticated"), "customer": (403, "forbidden")}[role]
    assert (response.status_code, response.json["code"]) == code
    assert shop.on_hand("ring") == 5


def test_the_list_leafs_through_all_products_in_their_order(shop, clerk):
    shop.product("anklet", 0)
    shop.customer().check_out(ring=2)

    first = clerk.get("/api/v1/admin/inventory?limit=2").json
    second = clerk.get(f"/api/v1/admin/inventory?limit=2&cursor={first['next_cursor']}").json

    assert [item["sku"] for item in first["items"] + second["items"]] == ["ANKLET", "CHAIN", "RING"]
    assert second["next_cursor"] is None
    assert second["items"] == [
        {
            "sku": "RING", "name": "The ring", "on_hand": 5, "reserved": 2, "committed": 0,
            "available": 3, "low_stock": False, "low_stock_threshold": 1, "purchase_limit": 0,
        }
    ]  # fmt: skip


def test_the_list_of_what_is_low_goes_by_each_products_threshold_and_what_is_held(shop, clerk):
    shop.product("anklet", 3, low_stock_threshold=3)
    shop.product("bangle", 4, low_stock_threshold=3)
    shop.customer().check_out(chain=1)

    listed = clerk.get("/api/v1/admin/inventory?low_stock=1").json["items"]

    assert [(item["sku"], item["available"]) for item in listed] == [("ANKLET", 3), ("CHAIN", 1)]


def test_an_adjustment_of_which_nobody_knows_whether_it_was_booked_oversells_nothing(
    shop, session, redis, clerk, monkeypatch
):
    def lose(*_, **__):
        raise CommitUnknown

    with monkeypatch.context() as patch:
        patch.setattr(adjustments, "_book", lose)
        with pytest.raises(CommitUnknown):
            adjustments.adjust(
                redis, [Change("RING", "adjustment", -2, "lost")], reference="r", actor="asha"
            )
    assert shop.levels("ring") == Levels(5, 0, 2)

    suspected = reconciler.suspicions(session, redis, ["RING"], longest_ms=900_000)
    reconciler.repair(redis, "RING", suspected["RING"], longest_ms=900_000)

    assert shop.levels("ring") == Levels(5, 0, 0)


def test_a_booking_that_fails_gives_back_what_was_to_leave(shop, redis, clerk, monkeypatch):
    def fail(*_, **__):
        raise ReferenceReused

    monkeypatch.setattr(ledger, "deduct", fail)
    assert clerk.post(PATH, body(("RING", -2, "adjustment"))).status_code == 409

    assert shop.levels("ring") == Levels(5, 0, 0)
