"""Staff move orders on their way, and everybody can follow them there."""

import pytest

from tests.api.snapshot import everything
from tests.payments.purchase import purchase

STEPS = ("processing", "shipped", "delivered")


@pytest.fixture
def staff(shop):
    return shop.customer(role="staff")


@pytest.fixture
def bought(shop):
    """A ring that is paid for."""
    shop.product("ring", 5)
    found = purchase(shop, ring=1)
    found.tell("payment.captured", found.pay())
    shop.work()
    return found


def move(staff, bought, status, **more):
    path = f"/api/v1/admin/orders/{bought.order_id}/status"
    return staff.post(path, {"status": status} | more)


def test_an_order_goes_its_way_step_by_step(staff, bought):
    for step in STEPS:
        answer = move(staff, bought, step)
        assert (answer.status_code, answer.json["status"]) == (200, step)
        assert bought.status[0] == step


def test_a_parcel_can_be_followed(staff, bought):
    move(staff, bought, "processing")
    move(staff, bought, "shipped", courier="BlueDart", tracking_number="691234")

    order = bought.buyer.order(bought.order_id)

    assert (order["courier"], order["tracking_number"]) == ("BlueDart", "691234")


def test_a_wrong_number_is_put_right_and_the_rest_stays(staff, bought):
    move(staff, bought, "processing")
    move(staff, bought, "shipped", courier="BlueDart", tracking_number="691234")

    assert move(staff, bought, "shipped", tracking_number="691235").status_code == 200

    order = bought.buyer.order(bought.order_id)
    assert (order["courier"], order["tracking_number"]) == ("BlueDart", "691235")
    whats = [entry["what"] for entry in timeline(bought)]
    assert whats.count("shipped") == 1


def test_a_step_that_was_made_is_not_made_again(session, redis, staff, bought):
    move(staff, bought, "processing")
    before = everything(session, redis)

    assert move(staff, bought, "processing").status_code == 200
    assert everything(session, redis) == before


@pytest.mark.parametrize("status", ["shipped", "delivered"])
def test_no_step_is_left_out(session, redis, staff, bought, status):
    before = everything(session, redis)

    refused = move(staff, bought, status)

    assert (refused.status_code, refused.json["code"]) == (409, "illegal_transition")
    assert refused.json["order_status"] == "confirmed"
    assert refused.json["possible"] == ["cancelled", "processing"]
    assert everything(session, redis) == before


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"status": "confirmed"}, "#/status"),
        ({"status": "returned"}, "#/status"),
        ({"status": "lost"}, "#/status"),
        ({"status": "processing", "courier": "BlueDart"}, "#/courier"),
        ({"status": "delivered", "tracking_number": "1"}, "#/tracking_number"),
        ({"status": "shipped", "courier": "B" * 101}, "#/courier"),
    ],
)
def test_a_step_that_makes_no_sense_is_named(session, redis, staff, bought, body, pointer):
    before = everything(session, redis)

    refused = staff.post(f"/api/v1/admin/orders/{bought.order_id}/status", body)

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]
    assert everything(session, redis) == before


def test_only_staff_move_and_see_orders_of_others(bought):
    buyer = bought.buyer
    refusals = [
        move(buyer, bought, "processing"),
        buyer.get("/api/v1/admin/orders"),
        buyer.get(f"/api/v1/admin/orders/{bought.order_id}"),
        buyer.post(f"/api/v1/admin/orders/{bought.order_id}/cancel"),
    ]

    assert [refusal.status_code for refusal in refusals] == [403] * 4


def timeline(bought):
    return bought.buyer.get(f"/api/v1/orders/{bought.order_id}/timeline").json["items"]


def test_the_timeline_tells_everything_in_order_and_nobodys_name(shop, staff, bought):
    move(staff, bought, "processing", reason="packed by Asha")
    bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel")
    shop.work()

    entries = timeline(bought)

    assert [entry["what"] for entry in entries] == [
        "placed", "payment_opened", "confirmed", "processing", "cancelled", "units_cancelled",
        "refund_started", "refund_processed",
    ]  # fmt: skip
    assert {frozenset(entry) for entry in entries} == {frozenset({"at", "what", "amount", "units"})}


def test_staff_see_an_order_whole(shop, staff, bought):
    move(staff, bought, "processing", reason="packed by Asha")

    whole = staff.get(f"/api/v1/admin/orders/{bought.order_id}").json

    assert whole["order"]["customer_id"] == str(bought.buyer.id)
    assert [payment["status"] for payment in whole["payments"]] == ["captured"]
    assert whole["refunds"] == []
    assert whole["timeline"][-1]["reason"] == "packed by Asha"
    assert whole["timeline"][-1]["actor"] == f"staff:{staff.id}"


class TestFinding:
    """Staff look for orders."""

    @pytest.fixture
    def listed(self, shop, staff, bought):  # noqa: ARG002 - it is one of those that are found
        """Two more orders, which nobody has paid."""
        for _ in range(2):
            assert shop.customer().check_out(ring=1).status_code == 201
        return lambda query="": staff.get(f"/api/v1/admin/orders{query}").json["items"]

    def test_all_of_them_the_newest_first(self, listed, bought):
        found = listed()

        assert [order["status"] for order in found] == ["pending", "pending", "confirmed"]
        assert found[-1]["id"] == bought.order_id

    def test_by_what_they_are(self, listed, bought):
        order = bought.buyer.order(bought.order_id)
        for query in (
            f"number={order['number']}", f"customer_id={bought.buyer.id}", "status=confirmed",
            "payment_status=captured", f"until={listed()[1]['created_at']}", "gateway=razorpay",
        ):  # fmt: skip
            assert [found["id"] for found in listed(f"?{query}")] == [bought.order_id], query
        assert listed("?status=shipped") == []
        assert len(listed(f"?since={order['created_at']}")) == 3

    def test_by_a_product_that_is_in_them(self, shop, listed, bought):
        shop.product("chain", 5)
        other = shop.customer().check_out(chain=1, ring=1).json["id"]

        assert [found["id"] for found in listed("?sku=CHAIN")] == [other]
        assert len(listed("?sku=RING")) == 4
        assert [found["id"] for found in listed("?sku=RING&status=confirmed")] == [bought.order_id]
        assert listed("?sku=NONE") == []

    def test_page_by_page(self, staff, listed):
        first = staff.get("/api/v1/admin/orders?limit=2").json
        rest = staff.get(f"/api/v1/admin/orders?limit=2&cursor={first['next_cursor']}").json

        assert first["items"] + rest["items"] == listed()
        assert rest["next_cursor"] is None

    @pytest.mark.parametrize(
        "query",
        [
            "status=lost",
            "customer_id=7",
            "since=yesterday",
            "limit=0",
            "cursor=x",
            "sku=ring",
            "gateway=nobody",
        ],
    )
    def test_a_wrong_question_is_named(self, staff, query):
        refused = staff.get(f"/api/v1/admin/orders?{query}")

        assert refused.status_code == 422
        assert refused.json["errors"][0]["pointer"] == f"#/{query.partition('=')[0]}"
