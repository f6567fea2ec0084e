"""Pre-orders: sold before they are there, so many and no more, sent when they have come."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.catalog.models import Product
from app.core.india import INDIA
from app.fulfilment import preorders
from app.fulfilment.models import PreorderArrival
from app.orders.models import OrderLine
from tests.builders import values
from tests.checkout.steps import at_once
from tests.payments.purchase import purchase

PATH = "/api/v1/admin/preorders"
TODAY = datetime.now(UTC).astimezone(INDIA).date()
SOON, LATER = (TODAY + timedelta(days=days) for days in (30, 60))


@pytest.fixture
def staff(shop):
    return shop.customer(role="staff")


@pytest.fixture
def crown(shop, staff):
    """A crown on pre-order, three of it."""
    shop.product("crown", 0)
    opened = start(staff)
    assert opened.status_code == 201, opened.json
    return opened.json


def start(staff, sku="CROWN", limit=3, ships_on=SOON):
    return staff.post(PATH, {"sku": sku, "limit": limit, "ships_on": str(ships_on)})


def arrive(staff, received, reference="delivery-1"):
    body = {"received": received, "reference": reference}
    return staff.post(f"{PATH}/CROWN/arrival", body)


def paid(shop, **lines):
    bought = purchase(shop, **lines)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    assert bought.status == ("confirmed", "captured")
    return bought


def move(staff, bought, status):
    return staff.post(f"/api/v1/admin/orders/{bought.order_id}/status", {"status": status})


def test_promises_are_sold_up_to_their_limit_with_the_day(shop, crown):
    assert crown == {
        "sku": "CROWN", "name": "The crown", "ships_on": str(SOON), "left": 3, "promised": 0,
    }  # fmt: skip
    shown = shop.app.test_client().get("/api/v1/products/crown").json
    assert (shown["available"], shown["preorder_ships_on"]) == (3, str(SOON))
    buyer = shop.customer()

    order = buyer.check_out(crown=2).json
    refused = buyer.check_out(crown=2)

    assert order["lines"][0]["ships_on"] == str(SOON)
    assert buyer.order(order["id"])["lines"][0]["ships_on"] == str(SOON)
    assert refused.json["lines"] == [{"sku": "CROWN", "requested": 2, "available": 1}]


def test_of_many_at_once_as_many_have_one_as_there_are_promises(shop, crown):
    buyers = [shop.customer() for _ in range(8)]

    answers = at_once([lambda b=buyer: b.check_out(crown=1) for buyer in buyers])

    assert sorted(a.status_code for a in answers) == [201] * 3 + [409] * 5
    assert crown["left"] == 3


def test_what_is_on_hand_is_sold_first(shop, staff):
    shop.product("ring", 1)

    refused = start(staff, "RING")

    assert (refused.status_code, refused.json["code"]) == (409, "stock_on_hand")


@pytest.mark.usefixtures("crown")
def test_it_is_opened_once(staff):
    assert start(staff).json["code"] == "preorder_open"
    listed = staff.get(PATH).json["items"]
    assert [(one["sku"], one["left"]) for one in listed] == [("CROWN", 3)]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ships_on": str(TODAY)}, "#/ships_on"),
        ({"ships_on": "soon"}, "#/ships_on"),
        ({"limit": 0}, "#/limit"),
        ({"limit": "3"}, "#/limit"),
    ],
)
def test_what_cannot_be_promised_is_refused(shop, staff, change, pointer):
    shop.product("crown", 0)
    body = {"sku": "CROWN", "limit": 3, "ships_on": str(SOON)} | change

    refused = staff.post(PATH, body)

    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, pointer)
    assert shop.on_hand("crown") == 0


def test_another_day_is_promised_to_those_who_come_after(shop, staff, crown, session):
    first = purchase(shop, crown=1)

    changed = staff.patch(f"{PATH}/CROWN", {"ships_on": str(LATER)})
    second = purchase(shop, crown=1)

    assert changed.json == crown | {"ships_on": str(LATER)}
    days = {
        str(order): day
        for order, day in session.execute(select(OrderLine.order_id, OrderLine.ships_on))
    }
    assert days == {first.order_id: SOON, second.order_id: LATER}


@pytest.mark.usefixtures("crown")
def test_pieces_that_came_are_sent_and_the_others_are_on_sale(shop, staff):
    bought = paid(shop, crown=2)
    move(staff, bought, "processing")
    waiting = move(staff, bought, "shipped")
    assert (waiting.status_code, waiting.json["code"], waiting.json["skus"]) == (
        409, "preorder_not_arrived", ["CROWN"],
    )  # fmt: skip

    assert arrive(staff, 5).status_code == 204

    # Five came, two are promised.
    assert (shop.on_hand("crown"), shop.levels("crown").available) == (3, 3)
    assert move(staff, bought, "shipped").status_code == 200
    assert staff.get(PATH).json["items"] == []
    assert shop.app.test_client().get("/api/v1/products/crown").json["preorder_ships_on"] is None
    assert purchase(shop, crown=1).buyer.get("/api/v1/orders").json["items"][0]["lines"][0][
        "ships_on"
    ] is None  # fmt: skip


@pytest.mark.usefixtures("crown")
def test_the_next_pre_order_leaves_what_came_for_the_first_alone(shop, staff):
    first = paid(shop, crown=1)
    assert arrive(staff, 1).status_code == 204

    assert start(staff, limit=2).json["promised"] == 0
    second = paid(shop, crown=1)

    [told] = staff.get(PATH).json["items"]
    assert (told["left"], told["promised"]) == (1, 1)
    for step in ("processing", "shipped"):
        assert move(staff, first, step).status_code == 200
    assert move(staff, second, "processing").status_code == 200
    assert move(staff, second, "shipped").json["code"] == "preorder_not_arrived"
    assert arrive(staff, 1, reference="delivery-2").status_code == 204
    assert move(staff, second, "shipped").status_code == 200


@pytest.mark.usefixtures("crown")
def test_fewer_than_the_limit_came_and_all_that_is_promised(shop, staff):
    paid(shop, crown=1)

    assert arrive(staff, 1).status_code == 204

    assert (shop.on_hand("crown"), shop.levels("crown").available) == (0, 0)


@pytest.mark.usefixtures("crown")
def test_fewer_than_were_promised_are_not_taken_in(shop, staff):
    bought = paid(shop, crown=2)

    refused = arrive(staff, 1)

    assert (refused.status_code, refused.json["code"]) == (409, "pieces_missing")
    assert (refused.json["promised"], refused.json["received"]) == (2, 1)
    cancel = {"reference": "a", "lines": [{"sku": "CROWN", "quantity": 1}]}
    staff.post(f"/api/v1/admin/orders/{bought.order_id}/cancel-units", cancel)
    assert arrive(staff, 1).status_code == 204
    assert shop.on_hand("crown") == 0


@pytest.mark.usefixtures("crown")
def test_promises_that_somebody_is_paying_for_are_not_taken_away(shop, staff):
    purchase(shop, crown=2)

    refused = arrive(staff, 1)

    assert (refused.status_code, refused.json["code"]) == (409, "insufficient_stock")
    assert arrive(staff, 2, "delivery-2").status_code == 204
    assert (shop.on_hand("crown"), shop.levels("crown").available) == (2, 0)


@pytest.mark.usefixtures("crown")
def test_told_twice_at_once_they_came_once(shop, staff):
    paid(shop, crown=1)

    at_once([lambda: arrive(staff, 5)] * 4)

    assert (shop.on_hand("crown"), shop.levels("crown").available) == (4, 4)


@pytest.mark.usefixtures("crown")
def test_an_arrival_that_broke_off_half_way_is_finished_by_telling_it_again(
    shop, staff, monkeypatch
):
    paid(shop, crown=1)
    real = preorders._lock
    calls = []

    def die_at_the_end(session, sku):
        calls.append(sku)
        if len(calls) == 2:
            raise RuntimeError("the process dies here")
        return real(session, sku)

    monkeypatch.setattr(preorders, "_lock", die_at_the_end)
    with pytest.raises(RuntimeError):
        preorders.end_preorder("CROWN", received=5, reference="d", actor="staff")
    monkeypatch.setattr(preorders, "_lock", real)

    assert arrive(staff, 5, "d").status_code == 204
    assert (shop.on_hand("crown"), shop.levels("crown").available) == (4, 4)
    assert staff.get(PATH).json["items"] == []


def test_a_day_that_changes_while_an_order_is_written_is_the_orders(shop, crown, session):
    """The process has the old day in mind; the statement finds the new one."""
    assert crown["ships_on"] == str(SOON)
    buyer = shop.customer()
    buyer.check_out(crown=1)
    session.execute(update(Product).values(preorder_ships_on=LATER))

    assert buyer.check_out(crown=1).json["lines"][0]["ships_on"] == str(LATER)


def test_customers_open_none(shop):
    customer = shop.customer()

    assert start(customer).status_code == 403
    assert customer.get(PATH).status_code == 403


def test_there_is_no_such_product_or_none_on_pre_order(shop, staff):
    shop.product("crown", 0)

    assert start(staff, "NONE").json["code"] == "unknown_sku"
    assert arrive(staff, 1).json["code"] == "preorder_not_open"
    late = staff.patch(f"{PATH}/CROWN", {"ships_on": str(LATER)})
    assert late.json["code"] == "preorder_not_open"


@pytest.mark.usefixtures("crown")
def test_what_came_is_written_down_once(shop, staff, session):
    paid(shop, crown=2)
    arrive(staff, 1)

    answers = at_once([lambda: arrive(staff, 5)] * 4)

    assert {answer.status_code for answer in answers} <= {204, 409}
    columns = PreorderArrival.ships_on, PreorderArrival.promised, PreorderArrival.received
    rows = values(session.execute(select(*columns, PreorderArrival.actor)))
    assert rows == [(SOON, 2, 5, f"staff:{staff.id}")]


@pytest.mark.usefixtures("crown")
def test_exactly_what_was_to_come_moves_no_stock_and_is_written_down(shop, staff, session):
    paid(shop, crown=1)

    arrive(staff, 3)

    columns = PreorderArrival.promised, PreorderArrival.received
    assert values(session.execute(select(*columns))) == [(1, 3)]
    assert shop.on_hand("crown") == 2
