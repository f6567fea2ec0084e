"""Delivered units come back: asked for, decided, received, paid back, put where they belong."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.inventory.models import StockMovement
from app.inventory.terms import Levels
from app.orders.models import OrderLine
from app.payments.models import Refund
from tests.api.snapshot import everything
from tests.builders import values
from tests.checkout.steps import at_once
from tests.payments.purchase import given_back, purchase
from tests.returns.steps import ask, asked, decide, deliver, receive

RING, CHAIN = 103_000, 10_300


def movements(session):
    """What the ledger says of units that came back: kind, units, why."""
    query = select(StockMovement.kind, StockMovement.units, StockMovement.reason)
    kinds = StockMovement.kind.in_(["restock", "write_off"])
    return values(session.execute(query.where(kinds).order_by(StockMovement.id)))


def test_a_return_from_the_wish_to_the_money(shop, session, staff, bought):
    return_id = asked(bought, ring=2)
    assert bought.status[0] == "return_requested"

    assert decide(staff, return_id).json["status"] == "approved"
    answer = receive(staff, return_id, ("ring", 2, "restock"))
    shop.work()

    assert (answer.status_code, answer.json["status"]) == (200, "received")
    assert given_back(shop, bought.payment_id) == [(2 * RING, "processed")]
    assert bought.status == ("delivered", "partially_refunded")
    assert shop.levels("ring") == Levels(4, 0, 0)
    told = bought.buyer.get(f"/api/v1/returns/{return_id}").json
    assert [step["status"] for step in told["steps"]] == ["requested", "approved", "received"]
    assert told["refund_amount"] == {"amount": 2 * RING, "currency": "INR"}
    order = bought.buyer.order(bought.order_id)
    assert {li["sku"]: li["returned_quantity"] for li in order["lines"]} == {"CHAIN": 0, "RING": 2}


def test_an_order_that_is_asked_back_goes_where_its_returns_end(session, redis, staff, bought):
    asked(bought, ring=2)
    before = everything(session, redis)

    refused = staff.post(f"/api/v1/admin/orders/{bought.order_id}/status", {"status": "delivered"})

    assert (refused.status_code, refused.json["code"]) == (409, "illegal_transition")
    assert refused.json["possible"] == []
    assert everything(session, redis) == before


def test_an_order_that_comes_back_whole_is_returned(shop, staff, bought):
    for number in range(2):
        units = {"ring": 3} if number else {"chain": 1}
        return_id = asked(bought, **units)
        decide(staff, return_id)
        [(name, count)] = units.items()
        receive(staff, return_id, (name, count, "restock"))
    shop.work()

    # The way there is the customer's to pay.
    assert bought.status == (
        "returned",
        "partially_refunded" if bought.total > 319_300 else "refunded",
    )
    assert sum(amount for amount, _ in given_back(shop, bought.payment_id)) == 3 * RING + CHAIN


def test_the_shop_pays_the_way_of_what_was_its_fault(shop, staff):
    shop.product("bead", 1, price=10_000)
    bought = deliver(shop, staff, purchase(shop, bead=1))
    return_id = ask(bought, reason="damaged", bead=1).json["id"]
    decide(staff, return_id)

    receive(staff, return_id, ("bead", 1, "melt"))
    shop.work()

    assert given_back(shop, bought.payment_id) == [(15_300, "processed")]
    assert bought.status == ("returned", "refunded")


@pytest.mark.parametrize(
    ("disposition", "on_hand", "booked"),
    [
        ("restock", 3, [("restock", 1, "returned")]),
        ("melt", 2, [("restock", 1, "returned"), ("write_off", -1, "melt")]),
        ("write_off", 2, [("restock", 1, "returned"), ("write_off", -1, "write_off")]),
        ("repair", 2, []),
    ],
)
def test_every_unit_finds_its_place(shop, session, staff, bought, disposition, on_hand, booked):
    return_id = asked(bought, ring=1)
    decide(staff, return_id)

    assert receive(staff, return_id, ("ring", 1, disposition)).status_code == 200

    assert (shop.on_hand("ring"), shop.levels("ring")) == (on_hand, Levels(on_hand, 0, 0))
    assert movements(session) == booked
    whole = staff.get(f"/api/v1/admin/returns/{return_id}").json
    assert [(d["quantity"], d["disposition"]) for d in whole["dispositions"]] == [(1, disposition)]
    assert whole["in_repair"] == ({"RING": 1} if disposition == "repair" else {})


def test_what_was_repaired_is_on_sale_again_once(shop, session, staff, bought):
    return_id = asked(bought, ring=2)
    decide(staff, return_id)
    receive(staff, return_id, ("ring", 2, "repair"))
    path = f"/api/v1/admin/returns/{return_id}/repaired"
    lines = [{"sku": "RING", "quantity": 1, "disposition": "restock"}]

    for _ in range(2):
        answer = staff.post(path, {"reference": "a", "lines": lines})
        assert answer.status_code == 200
    assert shop.levels("ring") == Levels(3, 0, 0)

    melted = [{"sku": "RING", "quantity": 1, "disposition": "melt"}]
    assert staff.post(path, {"reference": "b", "lines": melted}).status_code == 200
    refused = staff.post(path, {"reference": "c", "lines": melted})

    assert (refused.status_code, refused.json["code"]) == (409, "units_not_returnable")
    assert refused.json["lines"] == [{"sku": "RING", "requested": 1, "left": 0}]
    assert shop.levels("ring") == Levels(3, 0, 0)


def test_what_does_not_come_is_not_paid_for(shop, staff, bought):
    return_id = asked(bought, ring=2, chain=1)
    decide(staff, return_id, lines=[{"sku": "CHAIN", "quantity": 0, "note": "Worn."}])

    too_many = receive(staff, return_id, ("chain", 1, "restock"))
    receive(staff, return_id, ("ring", 1, "restock"))
    shop.work()

    assert too_many.json["lines"] == [{"sku": "CHAIN", "requested": 1, "left": 0}]
    assert given_back(shop, bought.payment_id) == [(RING, "processed")]
    told = bought.buyer.get(f"/api/v1/returns/{return_id}").json
    lines = {
        line["sku"]: (line["approved"], line["received"], line["note"]) for line in told["lines"]
    }
    assert lines == {"CHAIN": (0, 0, "Worn."), "RING": (2, 1, None)}
    assert bought.status[0] == "delivered"


@pytest.mark.parametrize("end", ["rejected", "withdrawn"])
def test_a_return_that_comes_to_nothing_leaves_the_order_delivered(shop, staff, bought, end):
    return_id = asked(bought, ring=3)
    if end == "rejected":
        assert decide(staff, return_id, "reject", note="Engraved.").json["status"] == "rejected"
    else:
        bought.buyer.post(f"/api/v1/returns/{return_id}/withdraw")

    assert bought.buyer.get(f"/api/v1/returns/{return_id}").json["status"] == end
    assert bought.status == ("delivered", "captured")
    # Its units may be asked for again.
    assert ask(bought, ring=3).status_code == 201


def test_steps_are_made_once_and_in_their_order(shop, session, redis, staff, bought):
    return_id = asked(bought, ring=1)
    early = receive(staff, return_id, ("ring", 1, "restock"))
    assert (early.status_code, early.json["return_status"]) == (409, "requested")
    decide(staff, return_id)
    decided = everything(session, redis)
    assert decide(staff, return_id).status_code == 200
    assert everything(session, redis) == decided
    receive(staff, return_id, ("ring", 1, "restock"))
    received = everything(session, redis)

    late = [
        receive(staff, return_id, ("ring", 1, "restock")),
        decide(staff, return_id, "reject"),
        bought.buyer.post(f"/api/v1/returns/{return_id}/withdraw"),
    ]

    assert [(r.status_code, r.json["code"]) for r in late] == [(409, "return_decided")] * 3
    assert everything(session, redis) == received


def test_what_never_comes_is_rejected_in_the_end(staff, bought):
    return_id = asked(bought, ring=1)
    decide(staff, return_id)

    assert decide(staff, return_id, "reject").json["status"] == "rejected"
    assert bought.status[0] == "delivered"


def test_returns_are_their_customers_and_staffs_alone(shop, bought):
    return_id = asked(bought, ring=1)
    stranger = shop.customer()

    answers = [
        ask(bought, who=stranger, ring=1),
        stranger.get(f"/api/v1/returns/{return_id}"),
        stranger.post(f"/api/v1/returns/{return_id}/withdraw"),
        stranger.post(f"/api/v1/returns/{return_id}/exchange"),
        stranger.get("/api/v1/admin/returns"),
        decide(bought.buyer, return_id),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404, 404, 403, 403]
    assert stranger.get("/api/v1/returns").json["items"] == []


def test_customers_and_staff_find_returns(staff, bought):
    first, second = asked(bought, ring=1), asked(bought, chain=1)
    decide(staff, first)

    assert [r["id"] for r in bought.buyer.get("/api/v1/returns").json["items"]] == [second, first]
    waiting = staff.get("/api/v1/admin/returns?status=requested").json["items"]
    assert [(r["id"], r["customer_id"]) for r in waiting] == [(second, str(bought.buyer.id))]
    assert "actor" not in bought.buyer.get(f"/api/v1/returns/{first}").json["steps"][1]


def test_what_is_received_twice_at_once_is_paid_back_once(shop, session, staff, bought):
    return_id = asked(bought, ring=2)
    decide(staff, return_id)

    answers = at_once([lambda: receive(staff, return_id, ("ring", 2, "restock"))] * 3)
    shop.work()

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert given_back(shop, bought.payment_id) == [(2 * RING, "processed")]
    assert shop.levels("ring") == Levels(4, 0, 0)


@settings(
    max_examples=6, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(parts=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3)), min_size=1, max_size=5))
def test_whatever_comes_back_in_whatever_parts_adds_up(shop, session, staff, parts):
    name = f"bead_{session.scalar(select(func.count()).select_from(OrderLine))}"
    shop.product(name, 7, price=33_333, tax_basis_points=333)
    bought = deliver(shop, staff, purchase(shop, **{name: 7}))
    sku, back = name.upper().replace("_", "-"), 0
    for quantity, received in parts:
        line = {"sku": sku, "quantity": quantity, "reason": "other"}
        answer = bought.buyer.post(f"/api/v1/orders/{bought.order_id}/returns", {"lines": [line]})
        if answer.status_code == 409:
            assert back + quantity > 7
            continue
        decide(staff, answer.json["id"])
        came = min(quantity, received)
        if not came:
            decide(staff, answer.json["id"], "reject")
            continue
        assert receive(staff, answer.json["id"], (sku, came, "restock")).status_code == 200
        back += came

    [line] = bought.buyer.order(bought.order_id)["lines"]
    total = line["total"]["amount"]
    query = select(func.coalesce(func.sum(Refund.amount), 0)).where(
        Refund.gateway_payment_id == bought.payment_id
    )
    assert session.scalar(query) == total * back // 7
    assert shop.on_hand(name) == back
    assert shop.levels(name).available == back
