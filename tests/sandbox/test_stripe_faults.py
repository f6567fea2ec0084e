import threading

import pytest
import stripe

from tests.sandbox.test_stripe import open_account

BODY = {"amount": 500, "currency": "inr"}


@pytest.fixture
def account(sandbox, shop):
    with open_account(sandbox, shop) as opened:
        yield opened


@pytest.mark.parametrize(
    ("switch", "error", "status"),
    [
        ("json_500", stripe.APIError, 500),
        ("html_502", stripe.APIError, 502),
        ("too_many_requests", stripe.RateLimitError, 429),
    ],
)
def test_a_broken_call_does_nothing(account, switch, error, status):
    account.drive("faults", route="payment_intents.create", **{switch: True})

    with pytest.raises(error) as refusal:
        account.intent()

    assert refusal.value.http_status == status
    assert account.books()["payment_intents"] == []


def test_a_fault_is_over_after_so_many_calls(account):
    account.drive("faults", route="*", json_500=True, next_n=2)

    answers = [account.call("GET", "/v1/charges").status_code for _ in range(3)]

    assert answers == [500, 500, 200]
    assert account.call("GET", "/sandbox/faults").json()["faults"] == {}


def test_a_fault_of_one_call_leaves_the_others_alone(account):
    account.drive("faults", route="refunds.list", json_500=True)

    assert account.call("GET", "/v1/charges").status_code == 200
    assert account.call("GET", "/v1/refunds").status_code == 500
    account.call("DELETE", "/sandbox/faults")
    assert account.call("GET", "/v1/refunds").status_code == 200


def test_the_faults_of_the_other_gateway_are_others(account, sandbox):
    sandbox.fault("*", json_500=True)

    assert account.intent().id


def test_a_lost_answer_is_had_again_with_its_key(account):
    account.drive("faults", route="payment_intents.create", reset_after=True, next_n=1)
    options = {"idempotency_key": "order-1"}

    with pytest.raises(stripe.APIConnectionError):
        account.v1.payment_intents.create(BODY, options)
    again = account.v1.payment_intents.create(BODY, options)

    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert [one["id"] for one in account.books()["payment_intents"]] == [again.id]


def test_a_lost_refusal_is_lost_too(account):
    account.drive("faults", route="charges.retrieve", reset_after=True, next_n=1)

    with pytest.raises(stripe.APIConnectionError):
        account.v1.charges.retrieve("ch_1")


def test_the_package_itself_tries_again(account, monkeypatch):
    monkeypatch.setattr("stripe.HTTPClient._sleep_time_seconds", lambda *_: 0)
    account.drive("faults", route="payment_intents.create", json_500=True, next_n=2)

    intent = account.v1.payment_intents.create(BODY, {"max_network_retries": 2})

    assert [one["id"] for one in account.books()["payment_intents"]] == [intent.id]


def test_a_hanging_call_does_nothing_and_is_dropped(account):
    account.drive("faults", route="payment_intents.create", hang_ms=20, next_n=1)

    with pytest.raises(stripe.APIConnectionError):
        account.intent()

    assert account.books()["payment_intents"] == []


def test_latency_comes_before_the_work(account, monkeypatch):
    slept = []
    monkeypatch.setattr("sandbox.stripe.calls.time.sleep", slept.append)
    account.drive("faults", route="payment_intents.create", latency_ms=250)

    account.intent()

    assert slept == [0.25]


def test_a_slow_call_holds_its_key(account, monkeypatch):
    asleep, over = threading.Event(), threading.Event()

    def sleep(seconds):
        if seconds:
            asleep.set()
            over.wait(10)

    monkeypatch.setattr("sandbox.stripe.calls.time.sleep", sleep)
    account.drive("faults", route="payment_intents.create", latency_ms=1, next_n=1)
    headers = {
        "Authorization": f"Bearer {account.parts.settings.secret_key}",
        "Idempotency-Key": "order-1",
    }
    answers = []

    def create():
        response = account.call("POST", "/v1/payment_intents", data=BODY, headers=headers)
        answers.append(response.status_code)

    slow = threading.Thread(target=create)
    slow.start()
    asleep.wait(10)
    create()
    over.set()
    slow.join()
    create()

    assert answers == [409, 200, 200]
    assert len(account.books()["payment_intents"]) == 1


def test_the_switches_are_shown_as_they_were_set(account):
    shown = account.drive("faults", route="refunds.create", refund_status="succeeded")["faults"]

    assert shown == {"refunds.create": {"refund_status": "succeeded"}}
    assert account.v1.refunds.create({"charge": account.paid().id}).status == "succeeded"


@pytest.mark.parametrize(
    "body",
    [
        {"route": "charges.create", "json_500": True},
        {"route": ["*"], "json_500": True},
        {"explode": True},
        {"stale_seconds": 5},
        {"json_500": "yes"},
        {"latency_ms": -1},
        {"next_n": 0},
        {"route": "refunds.create", "refund_status": "processed"},
        {"route": "refunds.create", "refund_status": ["failed"]},
    ],
)
def test_a_switch_that_does_not_exist_is_refused(account, body):
    assert account.refused("faults", **body)["message"]
    assert account.call("GET", "/sandbox/faults").json()["faults"] == {}


def test_the_calls_that_can_fail_are_listed(account):
    assert account.call("GET", "/sandbox/faults").json()["routes"] == [
        *("*", "webhooks"),
        *("payment_intents.create", "payment_intents.list", "payment_intents.retrieve"),
        *("payment_intents.capture", "payment_intents.cancel"),
        *("charges.list", "charges.retrieve"),
        *("refunds.create", "refunds.list", "refunds.retrieve"),
    ]


@pytest.mark.parametrize("data", ["", "[]", "{", "null"])
def test_a_driver_needs_an_object(account, data):
    response = account.call("POST", "/sandbox/pay", data=data, headers={})

    assert response.status_code == 400
    assert response.json()["error"]["message"] == "The body must be a JSON object."
