import json
import time

import pytest


def refusal(sandbox, path, **body):
    response = sandbox.call("POST", f"/sandbox/{path}", json=body)
    assert response.status_code == 400, response.text
    return response.json()["error"]["description"]


def test_a_downtime_has_the_shape_that_the_gateway_documents(sandbox):
    started = sandbox.drive("downtimes", method="netbanking", instrument={"bank": "COSB"})

    downtime = sandbox.client.payment.fetchDownTimeById(started["id"])

    assert downtime.pop("id").startswith("down_")
    begin = downtime["begin"]
    assert abs(begin - time.time()) < 60
    assert downtime == {
        "entity": "payment.downtime",
        "method": "netbanking",
        "begin": begin,
        "end": None,
        "status": "started",
        "scheduled": False,
        "severity": "high",
        "instrument": {"bank": "COSB"},
        "created_at": begin,
        "updated_at": begin,
    }


@pytest.mark.parametrize(
    ("method", "schema"),
    [
        ("card", ["issuer", "type"]),
        ("netbanking", ["bank"]),
        ("upi", ["vpa_handle", "flow"]),
    ],
)
def test_the_shop_hears_of_a_downtime_under_a_key_with_a_dot(sandbox, shop, method, schema):
    started = sandbox.drive("downtimes", method=method, severity="low")

    body = json.loads(shop.next().body)
    assert body["event"] == "payment.downtime.started"
    assert body["contains"] == list(body["payload"]) == ["payment.downtime"]
    told = body["payload"]["payment.downtime"]["entity"]
    assert told == started
    assert (told["method"], told["severity"], told["status"]) == (method, "low", "started")
    assert told["instrument_schema"] == list(told["instrument"]) == schema
    entry = sandbox.deliveries()["payment.downtime.started"]
    assert (entry["payment_id"], entry["order_id"]) == (None, None)


def test_a_downtime_changes_until_it_is_over(sandbox, shop):
    started = sandbox.drive("downtimes", method="upi", deliver="none")

    changed = sandbox.drive(f"downtimes/{started['id']}", status="updated", severity="medium")
    same = sandbox.drive(f"downtimes/{started['id']}", status="updated")
    over = sandbox.drive(f"downtimes/{started['id']}", status="resolved")

    told = [json.loads(received.body) for received in shop.take(3)]
    assert sorted(body["event"] for body in told) == [
        *("payment.downtime.resolved", "payment.downtime.updated", "payment.downtime.updated")
    ]
    assert [turn["severity"] for turn in (changed, same, over)] == ["medium"] * 3
    assert (changed["status"], changed["end"]) == ("updated", None)
    assert (over["status"], over["end"]) == ("resolved", over["updated_at"])
    assert [over[name] for name in ("begin", "created_at")] == [started["begin"]] * 2


@pytest.mark.parametrize("to", ["updated", "resolved"])
def test_a_downtime_that_is_over_stays_so(sandbox, to):
    downtime = sandbox.drive("downtimes", method="upi")
    sandbox.drive(f"downtimes/{downtime['id']}", status="resolved")

    description = refusal(sandbox, f"downtimes/{downtime['id']}", status=to)

    assert description == "The downtime is resolved already."


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({}, "The method field is required."),
        ({"method": "wallet"}, "The method must be one of card, netbanking, upi."),
        ({"method": "upi", "severity": "odd"}, "The severity must be one of high, medium, low."),
        ({"method": "upi", "instrument": []}, "The instrument must be an object of texts."),
        ({"method": "upi", "instrument": {}}, "The instrument must be an object of texts."),
        ({"method": "upi", "instrument": {"a": 1}}, "The instrument must be an object of texts."),
    ],
)
def test_a_downtime_that_makes_no_sense_is_explained(sandbox, body, description):
    assert refusal(sandbox, "downtimes", **body) == description
    assert sandbox.books()["downtimes"] == []


def test_buyers_can_still_try_what_is_out_of_order(sandbox):
    sandbox.drive("downtimes", method="upi")

    assert sandbox.paid(method="upi")["status"] == "captured"


def test_every_downtime_is_listed_the_newest_first(sandbox):
    started = [sandbox.drive("downtimes", method="card", deliver="none") for _ in range(12)]
    sandbox.drive(f"downtimes/{started[0]['id']}", status="resolved", deliver="none")

    listed = sandbox.client.payment.fetchDownTime()

    assert (listed["entity"], listed["count"]) == ("collection", 12)
    assert [one["id"] for one in listed["items"]] == [one["id"] for one in started[::-1]]
    assert listed["items"][-1]["status"] == "resolved"
