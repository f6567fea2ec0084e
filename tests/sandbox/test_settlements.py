import json
import re
import time

import pytest

NOTHING = "There is nothing to settle."


def refund(sandbox, payment, amount):
    return sandbox.client.payment.refund(payment["id"], {"amount": amount, "speed": "normal"})


def refusal(sandbox):
    response = sandbox.call("POST", "/sandbox/settlements")
    assert response.status_code == 400, response.text
    return response.json()["error"]["description"]


def test_a_settlement_has_the_shape_that_the_gateway_documents(sandbox):
    payment = sandbox.paid(250000)

    settlement = sandbox.drive("settlements")

    assert sandbox.client.settlement.fetch(settlement["id"]) == settlement
    assert settlement.pop("id").startswith("setl_")
    assert abs(settlement.pop("created_at") - time.time()) < 60
    assert re.fullmatch(r"\d{10}[0-9a-z]{6}", settlement.pop("utr"))
    assert (payment["fee"], payment["tax"]) == (5900, 900)
    assert settlement == {
        "entity": "settlement",
        "amount": 244100,
        "status": "processed",
        "fees": 5900,
        "tax": 900,
    }


def test_captured_money_less_fees_and_refunds_is_settled(sandbox):
    whole, partly = sandbox.paid(250000), sandbox.paid(100000)
    refund(sandbox, partly, 30000)
    sandbox.paid(70000, outcome="authorized")
    sandbox.paid(60000, outcome="failed")
    sandbox.drive(f"payments/{sandbox.paid(outcome='authorized')['id']}/lapse")

    settlement = sandbox.drive("settlements")

    assert settlement["fees"] == whole["fee"] + partly["fee"]
    assert settlement["tax"] == whole["tax"] + partly["tax"]
    assert settlement["amount"] == 250000 + 100000 - 30000 - settlement["fees"]


def test_money_is_settled_once(sandbox):
    first = sandbox.paid(100000)
    sandbox.drive("settlements")
    late = sandbox.paid(50000, outcome="authorized")
    again = refusal(sandbox)
    sandbox.client.payment.capture(late["id"], 50000, {"currency": "INR"})

    second = sandbox.drive("settlements")

    assert again == NOTHING
    fee = sandbox.client.payment.fetch(late["id"])["fee"]
    assert (second["amount"], second["fees"]) == (50000 - fee, fee)
    assert sandbox.client.payment.fetch(first["id"]) == first


def test_a_refund_of_settled_money_is_taken_off_the_next_settlement(sandbox):
    settled = sandbox.paid(100000)
    first = sandbox.drive("settlements")
    refund(sandbox, settled, 100000)
    too_little = sandbox.paid(50000)
    waiting = refusal(sandbox)
    more = sandbox.paid(100000)

    second = sandbox.drive("settlements")

    fees = [payment["fee"] for payment in (settled, too_little, more)]
    assert waiting == NOTHING
    assert second["fees"] == fees[1] + fees[2]
    assert first["amount"] + second["amount"] == 250000 - 100000 - sum(fees)


def test_the_money_of_a_failed_refund_is_settled_after_all(sandbox):
    payment = sandbox.paid(100000)
    sandbox.fault("refunds.create", refund_status="pending")
    pending = refund(sandbox, payment, 40000)
    first = sandbox.drive("settlements")
    sandbox.drive(f"refunds/{pending['id']}", status="failed")

    second = sandbox.drive("settlements")

    assert first["amount"] == 60000 - payment["fee"]
    assert (second["amount"], second["fees"], second["tax"]) == (40000, 0, 0)


def test_without_captured_money_nothing_is_settled(sandbox):
    assert refusal(sandbox) == NOTHING
    assert sandbox.books()["settlements"] == []
    assert sandbox.deliveries() == {}


def test_the_shop_hears_of_a_settlement_and_of_nothing_else(sandbox, shop):
    sandbox.paid(deliver="none")

    settlement = sandbox.drive("settlements")

    body = json.loads(shop.next().body)
    assert body["event"] == "settlement.processed"
    assert body["contains"] == ["settlement"]
    assert body["payload"] == {"settlement": {"entity": settlement}}
    entry = sandbox.deliveries()["settlement.processed"]
    assert (entry["payment_id"], entry["order_id"]) == (None, None)
    shown = sandbox.call("GET", f"/sandbox/deliveries/{entry['event_id']}").json()
    assert json.loads(shown["body"]) == body


def test_a_settlement_may_be_kept_from_the_shop(sandbox):
    sandbox.paid()

    sandbox.drive("settlements", deliver="none")

    assert sandbox.deliveries()["settlement.processed"]["state"] == "dropped"


def test_settlements_are_listed_in_pages_the_newest_first(sandbox):
    settlements = []
    for _ in range(3):
        sandbox.paid(deliver="none")
        settlements.insert(0, sandbox.drive("settlements", deliver="none"))

    assert sandbox.client.settlement.all()["items"] == settlements
    assert sandbox.client.settlement.all({"count": 1, "skip": 1}) == {
        "entity": "collection",
        "count": 1,
        "items": [settlements[1]],
    }


@pytest.mark.parametrize("path", ["disputes", "settlements"])
def test_the_newest_may_be_missing_from_a_list(sandbox, path):
    payment = sandbox.paid()
    sandbox.drive("disputes", payment_id=payment["id"])
    sandbox.drive("settlements")
    sandbox.fault(f"{path}.all", stale_seconds=60)

    assert sandbox.call("GET", f"/v1/{path}").json()["count"] == 0
