import json
import time

import pytest
import requests

EVIDENCE = dict.fromkeys(
    [
        *("summary", "shipping_proof", "billing_proof", "cancellation_proof"),
        *("customer_communication", "proof_of_service", "explanation_letter"),
        *("refund_confirmation", "access_activity_log", "refund_cancellation_policy"),
        *("term_and_conditions", "others", "submitted_at"),
    ]
)


def disputed(sandbox, payment=None, **more):
    payment = payment or sandbox.paid(deliver="none")
    return sandbox.drive("disputes", payment_id=payment["id"], **more)


def refusal(sandbox, path, **body):
    response = sandbox.call("POST", f"/sandbox/{path}", json=body)
    assert response.status_code == 400, response.text
    return response.json()["error"]["description"]


def test_a_dispute_has_the_shape_that_the_gateway_documents(sandbox):
    payment = sandbox.paid(50000)

    dispute = disputed(sandbox, payment)

    assert sandbox.client.dispute.fetch(dispute["id"]) == dispute
    assert dispute.pop("id").startswith("disp_")
    created_at = dispute.pop("created_at")
    assert abs(created_at - time.time()) < 60
    assert dispute.pop("respond_by") == created_at + 7 * 24 * 3600
    assert dispute == {
        "entity": "dispute",
        "payment_id": payment["id"],
        "amount": 50000,
        "currency": "INR",
        "amount_deducted": 0,
        "reason_code": "goods_or_services_not_received_or_partially_received",
        "status": "open",
        "phase": "chargeback",
        "evidence": EVIDENCE | {"amount": 50000},
    }


def test_the_bank_says_what_it_claims_and_why_and_until_when(sandbox):
    claim = {
        "amount": 20000,
        "reason_code": "processed_invalid_expired_card",
        "phase": "pre_arbitration",
        "respond_by": 1590431400,
    }

    dispute = disputed(sandbox, **claim)

    assert {name: dispute[name] for name in claim} == claim
    assert dispute["evidence"]["amount"] == 20000


def test_the_shop_hears_of_a_dispute_with_its_payment(sandbox, shop):
    payment = sandbox.paid(method="card", deliver="none")

    dispute = disputed(sandbox, payment)

    body = json.loads(shop.next().body)
    assert body["event"] == "payment.dispute.created"
    assert body["contains"] == list(body["payload"]) == ["payment", "dispute"]
    assert body["payload"]["dispute"]["entity"] == dispute
    assert body["payload"]["payment"]["entity"] == payment | {
        "base_amount": 50000,
        "amount_transferred": 0,
    }
    entry = sandbox.deliveries()["payment.dispute.created"]
    assert (entry["payment_id"], entry["order_id"]) == (payment["id"], payment["order_id"])


@pytest.mark.parametrize(
    ("to", "status", "deducted"),
    [
        ("under_review", "under_review", 0),
        ("action_required", "open", 0),
        ("won", "won", 0),
        ("lost", "lost", 20000),
        ("closed", "closed", 0),
    ],
)
def test_the_shop_hears_of_every_turn_of_a_dispute(sandbox, shop, to, status, deducted):
    dispute = disputed(sandbox, amount=20000, deliver="none")

    turned = sandbox.drive(f"disputes/{dispute['id']}", status=to)

    body = json.loads(shop.next().body)
    assert body["event"] == f"payment.dispute.{to}"
    assert body["payload"]["dispute"]["entity"] == turned
    assert (turned["status"], turned["amount_deducted"]) == (status, deducted)
    assert sandbox.client.dispute.fetch(dispute["id"]) == turned


def test_a_dispute_goes_to_and_fro_until_it_is_decided(sandbox):
    dispute = disputed(sandbox, deliver="none")

    turns = [
        sandbox.drive(f"disputes/{dispute['id']}", status=to)
        for to in ("under_review", "action_required", "under_review", "lost")
    ]

    assert [turn["status"] for turn in turns] == ["under_review", "open", "under_review", "lost"]
    assert turns[0]["evidence"]["submitted_at"] >= dispute["created_at"]


@pytest.mark.parametrize("final", ["won", "lost", "closed"])
@pytest.mark.parametrize("to", ["under_review", "action_required", "won", "lost", "closed"])
def test_a_decided_dispute_stays_as_it_is(sandbox, final, to):
    dispute = disputed(sandbox, deliver="none")
    ended = sandbox.drive(f"disputes/{dispute['id']}", status=final, deliver="none")

    description = refusal(sandbox, f"disputes/{dispute['id']}", status=to)

    assert description == f"The dispute is {final} already."
    assert sandbox.client.dispute.fetch(dispute["id"]) == ended


@pytest.mark.parametrize("outcome", ["authorized", "failed"])
def test_only_captured_money_can_be_disputed(sandbox, outcome):
    payment = sandbox.paid(outcome=outcome)

    description = refusal(sandbox, "disputes", payment_id=payment["id"])

    assert description == f"The payment is {outcome} and cannot be disputed."
    assert sandbox.books()["disputes"] == []


def test_a_refunded_payment_can_be_disputed_all_the_same(sandbox):
    payment = sandbox.paid()
    sandbox.client.payment.refund(payment["id"], {"amount": 50000})

    assert disputed(sandbox, payment)["amount"] == 50000


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({"amount": 50001}, "The amount is greater than that of the payment."),
        ({"amount": 99}, "The amount must be at least INR 1.00"),
        ({"respond_by": 1}, "respond_by must be between 946684800 and 4765046400"),
        ({"payment_id": "pay_00000000000000"}, "The id provided does not exist"),
        ({"payment_id": None}, "The payment id field is required."),
        ({"status": "lost"}, "status is/are not required and should not be sent"),
        ({"deliver": "late"}, "The deliver must be one of normal, none, duplicate, shuffle."),
    ],
)
def test_a_claim_that_makes_no_sense_is_explained(sandbox, body, description):
    payment = sandbox.paid(50000)

    assert refusal(sandbox, "disputes", **{"payment_id": payment["id"], **body}) == description
    assert sandbox.books()["disputes"] == []


def test_a_dispute_may_be_kept_from_the_shop(sandbox):
    dispute = disputed(sandbox, deliver="none")
    sandbox.drive(f"disputes/{dispute['id']}", status="won", deliver="none")

    states = {event: entry["state"] for event, entry in sandbox.deliveries().items()}
    assert states["payment.dispute.created"] == states["payment.dispute.won"] == "dropped"


def test_disputes_are_listed_in_pages_the_newest_first(sandbox):
    payment = sandbox.paid()
    disputes = [disputed(sandbox, payment, deliver="none") for _ in range(12)][::-1]

    first = sandbox.client.dispute.all()
    rest = sandbox.client.dispute.all({"count": 100, "skip": 10})

    assert first == {"entity": "collection", "count": 10, "items": disputes[:10]}
    assert rest == {"entity": "collection", "count": 2, "items": disputes[10:]}


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/disputes", "/v1/disputes/disp_00000000000000"),
        *("/v1/settlements", "/v1/settlements/setl_00000000000000"),
        *("/v1/payments/downtimes", "/v1/payments/downtimes/down_00000000000000"),
    ],
)
def test_nobody_reads_of_the_account_without_its_key_pair(sandbox, path):
    assert requests.get(sandbox.url + path, timeout=10).status_code == 401


@pytest.mark.parametrize("route", ["disputes", "settlements", "downtimes"])
def test_what_the_account_tells_of_itself_can_fail_as_all_else(sandbox, route):
    sandbox.fault(f"{route}.all", json_500=True)
    path = "/v1/payments/downtimes" if route == "downtimes" else f"/v1/{route}"

    assert sandbox.call("GET", path).status_code == 500
