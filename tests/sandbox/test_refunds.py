import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from razorpay.errors import BadRequestError

KEY = {"X-Refund-Idempotency": "refund-0001"}


def key():
    # The SDK adds its own headers to the dict that it is given.
    return dict(KEY)


def refund(sandbox, payment, headers=None, **body):
    return sandbox.call("POST", f"/v1/payments/{payment['id']}/refund", json=body, headers=headers)


def test_a_refund_has_the_shape_that_the_gateway_documents(sandbox):
    payment = sandbox.paid(50000)

    made = sandbox.client.payment.refund(
        payment["id"],
        {"amount": 20000, "speed": "normal", "receipt": "R-1", "notes": {"why": "returned"}},
    )

    assert sandbox.client.refund.fetch(made["id"]) == made
    assert made.pop("id").startswith("rfnd_")
    assert made.pop("created_at") >= payment["created_at"]
    assert made == {
        "entity": "refund",
        "amount": 20000,
        "currency": "INR",
        "payment_id": payment["id"],
        "notes": {"why": "returned"},
        "receipt": "R-1",
        "acquirer_data": {"arn": None},
        "batch_id": None,
        "status": "processed",
        "speed_processed": "normal",
        "speed_requested": "normal",
    }


def test_parts_go_back_until_nothing_is_left(sandbox):
    payment = sandbox.paid(50000)

    refund(sandbox, payment, amount=20000)
    partly = sandbox.client.payment.fetch(payment["id"])
    last = refund(sandbox, payment).json()
    wholly = sandbox.client.payment.fetch(payment["id"])

    assert (partly["status"], partly["refund_status"]) == ("captured", "partial")
    assert last["amount"] == 30000
    assert (wholly["status"], wholly["refund_status"]) == ("refunded", "full")
    assert (wholly["captured"], wholly["amount_refunded"]) == (True, 50000)
    assert sandbox.client.order.fetch(payment["order_id"])["status"] == "paid"


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({"amount": 50001}, "The refund amount provided is greater than amount captured"),
        ({"amount": 99}, "The amount must be at least INR 1.00"),
        ({"amount": 100.0}, "The amount must be an integer."),
        ({"speed": "slow"}, "The selected speed is invalid."),
        ({"reason": "none"}, "reason is/are not required and should not be sent"),
    ],
)
def test_a_bad_refund_is_refused_and_gives_nothing_back(sandbox, body, description):
    payment = sandbox.paid(50000)

    response = refund(sandbox, payment, **body)

    assert response.status_code == 400
    assert response.json()["error"]["description"] == description
    assert sandbox.client.payment.fetch(payment["id"])["amount_refunded"] == 0


def test_a_refunded_payment_has_nothing_left_to_refund(sandbox):
    payment = sandbox.paid()
    refund(sandbox, payment)

    with pytest.raises(BadRequestError, match="The payment has been fully refunded already"):
        sandbox.client.payment.refund(payment["id"], {})


def test_only_a_captured_payment_can_be_refunded(sandbox):
    payment = sandbox.paid(outcome="authorized")

    with pytest.raises(BadRequestError, match="The payment status should be captured"):
        sandbox.client.payment.refund(payment["id"], {})


def test_a_key_makes_one_refund_however_often_it_is_sent(sandbox):
    payment = sandbox.paid()

    first = sandbox.client.payment.refund(payment["id"], {"amount": 20000}, headers=key())
    again = sandbox.client.payment.refund(payment["id"], {"amount": 20000}, headers=key())

    assert again == first
    assert sandbox.client.payment.fetch(payment["id"])["amount_refunded"] == 20000


def test_without_a_key_every_request_is_another_refund(sandbox):
    payment = sandbox.paid()

    refund(sandbox, payment, amount=20000)
    refund(sandbox, payment, amount=20000)

    assert sandbox.client.payment.fetch(payment["id"])["amount_refunded"] == 40000


def test_a_key_with_another_body_or_payment_is_a_conflict(sandbox):
    payment, other = sandbox.paid(), sandbox.paid()
    refund(sandbox, payment, headers=KEY, amount=20000)

    answers = [
        refund(sandbox, payment, headers=KEY, amount=20001),
        refund(sandbox, other, headers=KEY, amount=20000),
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert {answer.json()["error"]["description"] for answer in answers} == {
        "Different request with the same idempotency key has already been processed."
    }


def test_a_refusal_does_not_use_up_its_key(sandbox):
    payment = sandbox.paid(outcome="authorized")

    refused = refund(sandbox, payment, headers=KEY)
    sandbox.client.payment.capture(payment["id"], 50000, {"currency": "INR"})
    made = refund(sandbox, payment, headers=KEY)

    assert (refused.status_code, made.status_code) == (400, 200)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("short", "must be at least 10 characters long."),
        ("refund/0001", "must only contain alphanumeric characters, underscores, and hyphens"),
    ],
)
def test_a_bad_key_is_refused(sandbox, text, complaint):
    response = refund(sandbox, sandbox.paid(), headers={"X-Refund-Idempotency": text})

    assert response.status_code == 400
    assert response.json()["error"]["description"] == f"The idempotency key {complaint}"


def test_a_key_in_progress_is_a_conflict(sandbox, monkeypatch):
    payment = sandbox.paid()
    started, released = threading.Event(), threading.Event()
    sandbox.fault("refunds.create", latency_ms=1, next_n=1)

    def wait(seconds):
        if seconds:
            started.set()
            released.wait(10)

    monkeypatch.setattr("sandbox.mishaps.time.sleep", wait)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(refund, sandbox, payment, KEY, amount=20000)
        assert started.wait(10)
        meanwhile = refund(sandbox, payment, headers=KEY, amount=20000)
        released.set()
        made = first.result().json()

    assert meanwhile.status_code == 409
    assert meanwhile.json()["error"]["description"] == (
        "Another request with the same idempotency key is still in progress."
    )
    assert refund(sandbox, payment, headers=KEY, amount=20000).json() == made


def test_refunds_in_parallel_never_exceed_the_payment(sandbox):
    payment = sandbox.paid(50000)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: refund(sandbox, payment, amount=20000), range(8)))

    assert sorted(answer.status_code for answer in answers) == [200, 200] + [400] * 6
    assert sandbox.client.payment.fetch(payment["id"])["amount_refunded"] == 40000


def test_a_pending_refund_ends_when_the_driver_says_so(sandbox, shop):
    payment = sandbox.paid(deliver="none")
    sandbox.fault("refunds.create", refund_status="pending")
    pending = refund(sandbox, payment, amount=20000).json()
    shop.next()

    ended = sandbox.call("POST", f"/sandbox/refunds/{pending['id']}", json={"status": "processed"})
    shop.next()

    assert pending["status"] == "pending"
    assert ended.json()["status"] == "processed"
    assert ended.json()["acquirer_data"]["arn"]
    assert sandbox.deliveries()["refund.processed"]["payment_id"] == payment["id"]


def test_the_money_of_a_failed_refund_can_be_refunded_anew(sandbox):
    payment = sandbox.paid()
    sandbox.fault("refunds.create", refund_status="failed", next_n=1)

    failed = refund(sandbox, payment).json()
    retried = refund(sandbox, payment).json()

    assert (failed["status"], retried["status"]) == ("failed", "processed")
    assert sandbox.client.payment.fetch(payment["id"])["status"] == "refunded"


def test_a_failed_refund_leaves_the_payment_as_it_was_before(sandbox, shop):
    payment = sandbox.paid(deliver="none")
    sandbox.fault("refunds.create", refund_status="pending")
    pending = refund(sandbox, payment).json()
    meanwhile = sandbox.client.payment.fetch(payment["id"])
    shop.next()

    sandbox.drive(f"refunds/{pending['id']}", status="failed")

    told = json.loads(shop.next().body)["payload"]["payment"]["entity"]
    assert (meanwhile["status"], meanwhile["refund_status"]) == ("refunded", "full")
    assert sandbox.client.payment.fetch(payment["id"]) == payment
    assert (told["status"], told["refund_status"], told["amount_refunded"]) == ("captured", None, 0)


def test_a_failed_refund_leaves_the_other_refunds_of_its_payment(sandbox):
    payment = sandbox.paid(50000)
    refund(sandbox, payment, amount=20000)
    sandbox.fault("refunds.create", refund_status="pending")
    pending = refund(sandbox, payment).json()

    sandbox.drive(f"refunds/{pending['id']}", status="failed")

    assert sandbox.client.payment.fetch(payment["id"]) == payment | {
        "amount_refunded": 20000,
        "refund_status": "partial",
    }


def test_a_payment_is_not_captured_by_a_refund_that_fails(sandbox):
    payment = sandbox.paid(outcome="authorized")
    sandbox.drive(f"payments/{payment['id']}/lapse")
    given_back = sandbox.client.refund.all()["items"][0]
    with sandbox.app.extensions["sandbox"].store.transaction() as books:
        books.keep("refund", given_back | {"status": "pending"})

    sandbox.drive(f"refunds/{given_back['id']}", status="failed")

    assert sandbox.client.payment.fetch(payment["id"]) == payment


def test_a_refund_ends_once(sandbox):
    made = refund(sandbox, sandbox.paid()).json()

    response = sandbox.call("POST", f"/sandbox/refunds/{made['id']}", json={"status": "failed"})

    assert response.status_code == 400


def test_an_account_without_balance_cannot_refund(sandbox):
    payment = sandbox.paid()
    sandbox.fault("refunds.create", no_balance=True, next_n=1)

    response = refund(sandbox, payment)

    assert response.status_code == 400
    assert "does not have enough balance" in response.json()["error"]["description"]
    assert refund(sandbox, payment).status_code == 200


@pytest.mark.parametrize("switches", [{}, {"no_balance": True}])
def test_a_refusal_may_hide_its_reason(sandbox, switches):
    payment = sandbox.paid()
    sandbox.fault("refunds.create", opaque_refusal=True, next_n=1, **switches)

    response = refund(sandbox, payment)

    assert response.status_code == 400
    assert response.json()["error"] == {
        "code": "BAD_REQUEST_ERROR",
        "description": "invalid request sent",
        "source": "NA",
        "step": "NA",
        "reason": "NA",
        "metadata": {},
    }
    assert sandbox.client.payment.fetch(payment["id"]) == payment
    assert refund(sandbox, payment).status_code == 200


@pytest.mark.parametrize("status", ["processed", "pending"])
def test_an_instant_refund_may_fall_back_to_the_normal_speed(sandbox, shop, status):
    payment = sandbox.paid(deliver="none")
    sandbox.fault("refunds.create", speed_falls_back=True, refund_status=status)

    made = refund(sandbox, payment, speed="optimum").json()

    assert (made["speed_requested"], made["speed_processed"]) == ("optimum", "normal")
    assert sandbox.client.refund.fetch(made["id"]) == made
    events = ["refund.created", "refund.speed_changed"]
    events += ["refund.processed"] if status == "processed" else []
    bodies = [json.loads(one.body) for one in shop.take(len(events))]
    assert [entry["event"] for entry in sandbox.books()["deliveries"]][-len(events) :] == events
    speeds = {
        body["event"]: body["payload"]["refund"]["entity"]["speed_processed"] for body in bodies
    }
    assert speeds == dict.fromkeys(events, "normal") | {"refund.created": "instant"}
    told = next(body for body in bodies if body["event"] == "refund.speed_changed")
    assert told["contains"] == ["refund", "payment"]
    assert told["payload"]["payment"]["entity"]["refund_status"] == "full"


def test_a_normal_refund_has_no_speed_to_fall_back_from(sandbox):
    sandbox.fault("refunds.create", speed_falls_back=True)

    made = refund(sandbox, sandbox.paid(), speed="normal").json()

    assert (made["speed_requested"], made["speed_processed"]) == ("normal", "normal")
    assert "refund.speed_changed" not in sandbox.deliveries()


def test_the_speed_that_was_asked_for_is_echoed(sandbox):
    made = refund(sandbox, sandbox.paid(), speed="optimum").json()

    assert (made["speed_requested"], made["speed_processed"]) == ("optimum", "instant")


def test_refunds_are_listed_of_a_payment_and_of_all(sandbox):
    payment, other = sandbox.paid(), sandbox.paid()
    first = refund(sandbox, payment, amount=10000).json()
    second = refund(sandbox, payment, amount=10000).json()
    third = refund(sandbox, other, amount=10000).json()

    of_payment = sandbox.client.payment.fetch_multiple_refund(payment["id"])

    assert of_payment == {"entity": "collection", "count": 2, "items": [first, second]}
    assert sandbox.client.refund.all()["items"] == [third, second, first]
    assert sandbox.client.payment.fetch_refund_id(payment["id"], first["id"]) == first
    with pytest.raises(BadRequestError, match="The id provided does not exist"):
        sandbox.client.payment.fetch_refund_id(payment["id"], third["id"])


def test_the_notes_of_a_refund_can_be_changed(sandbox):
    made = refund(sandbox, sandbox.paid()).json()

    assert sandbox.client.refund.edit(made["id"], {"notes": {"a": "b"}}) == made | {
        "notes": {"a": "b"}
    }
