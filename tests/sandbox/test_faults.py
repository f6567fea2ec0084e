import pytest
import requests
from razorpay.errors import BadRequestError, ServerError

ORDER = {"amount": 50000, "currency": "INR"}


def test_a_json_500_is_a_server_error_to_the_sdk(sandbox):
    sandbox.fault("orders.create", json_500=True)

    with pytest.raises(ServerError, match="The server encountered an error"):
        sandbox.client.order.create(dict(ORDER))
    assert sandbox.books()["orders"] == []


def test_an_html_502_is_no_json_to_the_sdk(sandbox):
    sandbox.fault("orders.create", html_502=True)

    with pytest.raises(requests.exceptions.JSONDecodeError):
        sandbox.client.order.create(dict(ORDER))


def test_too_many_requests_are_a_bad_request_to_the_sdk(sandbox):
    sandbox.fault("orders.fetch", too_many_requests=True)
    order = sandbox.order()

    with pytest.raises(BadRequestError, match="Too many requests"):
        sandbox.client.order.fetch(order["id"])
    assert sandbox.call("GET", f"/v1/orders/{order['id']}").status_code == 429


def test_a_fault_is_over_after_so_many_calls(sandbox):
    sandbox.fault("orders.create", json_500=True, next_n=2)

    answers = [sandbox.call("POST", "/v1/orders", json=ORDER).status_code for _ in range(3)]

    assert answers == [500, 500, 200]
    assert sandbox.call("GET", "/sandbox/faults").json()["faults"] == {}


def test_a_fault_of_one_route_leaves_the_others_alone(sandbox):
    sandbox.fault("orders.create", json_500=True)

    assert sandbox.call("GET", "/v1/orders").status_code == 200
    assert sandbox.call("GET", "/v1/payments").status_code == 200


def test_a_fault_of_every_route_is_cleared(sandbox):
    sandbox.fault("*", json_500=True)
    broken = sandbox.call("GET", "/v1/payments").status_code

    sandbox.call("DELETE", "/sandbox/faults")

    assert broken == 500
    assert sandbox.call("GET", "/v1/payments").status_code == 200


def test_a_lost_answer_leaves_the_order_behind(sandbox):
    sandbox.fault("orders.create", reset_after=True, next_n=1)

    with pytest.raises(requests.RequestException):
        sandbox.client.order.create({**ORDER, "receipt": "r-1"})

    found = sandbox.client.order.all({"receipt": "r-1"})
    assert found["count"] == 1


def test_a_hanging_call_does_nothing(sandbox):
    sandbox.fault("orders.create", hang_ms=500, next_n=1)

    with pytest.raises(requests.Timeout):
        sandbox.client.order.create(dict(ORDER), timeout=0.05)

    assert sandbox.books()["orders"] == []


def test_latency_comes_before_the_work(sandbox, monkeypatch):
    slept = []
    monkeypatch.setattr("sandbox.mishaps.time.sleep", slept.append)
    sandbox.fault("orders.create", latency_ms=250)

    sandbox.order()

    assert slept == [0.25]


def test_a_stale_list_misses_what_is_shown_by_its_id(sandbox):
    payment = sandbox.paid()
    sandbox.fault("payments.all", stale_seconds=60)

    assert sandbox.client.payment.all()["count"] == 0
    assert sandbox.client.payment.fetch(payment["id"]) == payment


@pytest.mark.parametrize(
    "body",
    [
        {"route": "orders.destroy", "json_500": True},
        {"route": ["*"], "json_500": True},
        {"route": "*", "explode": True},
        {"route": "*", "json_500": "yes"},
        {"route": "*", "latency_ms": -1},
        {"route": "*", "latency_ms": True},
        {"route": "*", "next_n": 0},
        {"route": "refunds.create", "refund_status": "lost"},
    ],
)
def test_a_switch_that_does_not_exist_is_refused(sandbox, body):
    response = sandbox.call("POST", "/sandbox/faults", json=body)

    assert response.status_code == 400
    assert response.json()["error"]["description"]
    assert sandbox.call("GET", "/sandbox/faults").json()["faults"] == {}


def test_the_routes_that_can_fail_are_listed(sandbox):
    routes = sandbox.call("GET", "/sandbox/faults").json()["routes"]

    assert {"*", "webhooks", "orders.create", "payments.capture", "refunds.create"} <= set(routes)
