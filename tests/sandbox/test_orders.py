import re
import time

import pytest
import requests
from razorpay.errors import BadRequestError


def invalid(description, **more):
    return {
        "error": {
            "code": "BAD_REQUEST_ERROR",
            "description": description,
            "source": "business",
            "step": "payment_initiation",
            "reason": "input_validation_failed",
            "metadata": {},
            **more,
        }
    }


def test_a_new_order_has_the_shape_that_the_gateway_documents(sandbox):
    order = sandbox.client.order.create({"amount": 50000, "currency": "INR", "receipt": "r-1"})

    assert re.fullmatch(r"order_[A-Za-z0-9]{14}", order.pop("id"))
    assert abs(order.pop("created_at") - time.time()) < 60
    assert order == {
        "entity": "order",
        "amount": 50000,
        "amount_paid": 0,
        "amount_due": 50000,
        "currency": "INR",
        "receipt": "r-1",
        "offer_id": None,
        "status": "created",
        "attempts": 0,
        "notes": [],
    }


def test_an_order_is_fetched_as_it_was_created(sandbox):
    order = sandbox.order(notes={"cart": "7"})

    assert sandbox.client.order.fetch(order["id"]) == order


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"amount": 99, "currency": "INR"},
            invalid(
                "Order amount less than minimum amount allowed",
                step="order_creation",
                reason="amount_less_than_minimum_amount",
                field="amount",
            ),
        ),
        (
            {"amount": 499.99, "currency": "INR"},
            invalid("The amount must be an integer.", field="amount"),
        ),
        (
            {"amount": True, "currency": "INR"},
            invalid("The amount must be an integer.", field="amount"),
        ),
        (
            {"amount": 10**15, "currency": "INR"},
            invalid("Amount exceeds maximum amount allowed.", field="amount"),
        ),
        ({"currency": "INR"}, invalid("The amount field is required.", field="amount")),
        ({"amount": 100}, invalid("The currency field is required.", field="currency")),
        (
            {"amount": 100, "currency": "INR", "receipt": "r" * 41},
            invalid("The receipt may not be greater than 40 characters.", field="receipt"),
        ),
        (
            {"amount": 100, "currency": "INR", "expire_by": 1},
            invalid(
                "expire_by is/are not required and should not be sent", reason="extra_field_sent"
            ),
        ),
    ],
)
def test_a_bad_order_is_refused_in_the_words_of_the_gateway(sandbox, body, expected):
    response = sandbox.call("POST", "/v1/orders", json=body)

    assert (response.status_code, response.json()) == (400, expected)


@pytest.mark.parametrize(
    "notes",
    [
        {f"note {n}": "x" for n in range(16)},
        {"long": "x" * 257},
        {"nested": {"a": 1}},
        "text",
    ],
)
def test_notes_beyond_the_limits_are_refused(sandbox, notes):
    response = sandbox.call(
        "POST", "/v1/orders", json={"amount": 100, "currency": "INR", "notes": notes}
    )

    assert response.status_code == 400
    assert response.json()["error"]["field"] == "notes"


def test_fifteen_notes_of_256_characters_are_allowed(sandbox):
    notes = {f"note {n}": "x" * 256 for n in range(15)}

    assert sandbox.order(notes=notes)["notes"] == notes


def test_the_largest_receipt_is_kept_and_found(sandbox):
    order = sandbox.order(receipt="r" * 40)
    sandbox.order(receipt="another")

    found = sandbox.client.order.all({"receipt": "r" * 40})

    assert found == {"entity": "collection", "count": 1, "items": [order]}


def test_a_receipt_may_repeat_unless_the_request_says_that_it_is_unique(sandbox):
    first = sandbox.order(receipt="r-1", unique_receipt=True)
    repeated = sandbox.order(receipt="r-1", unique_receipt=True)
    other = sandbox.order(receipt="r-1")

    assert repeated == first
    assert other["id"] != first["id"]


def test_an_account_with_unique_receipts_refuses_a_used_one(sandbox):
    first = sandbox.order(receipt="r-1")
    sandbox.fault("orders.create", unique_receipts=True)

    body = {"amount": 100, "currency": "INR", "receipt": "r-1"}
    response = sandbox.call("POST", "/v1/orders", json=body)

    assert response.status_code == 400
    assert response.json() == invalid(
        "Order receipt should be unique.", metadata={"order_id": first["id"]}
    )


def test_only_the_notes_of_an_order_can_be_changed(sandbox):
    order = sandbox.order()

    edited = sandbox.client.order.edit(order["id"], {"notes": {"cart": "8"}})

    assert edited == order | {"notes": {"cart": "8"}}
    with pytest.raises(BadRequestError, match="amount is/are not required"):
        sandbox.client.order.edit(order["id"], {"amount": 1, "notes": {}})


def test_a_list_shows_ten_of_the_newest_and_is_paged(sandbox):
    ids = [sandbox.order()["id"] for _ in range(12)][::-1]

    first = sandbox.client.order.all()
    rest = sandbox.client.order.all({"count": 5, "skip": 10})

    assert [order["id"] for order in first["items"]] == ids[:10]
    assert first["count"] == 10
    assert [order["id"] for order in rest["items"]] == ids[10:]
    assert rest["count"] == 2


def test_a_list_is_bounded_by_time(sandbox):
    order = sandbox.order()

    assert sandbox.client.order.all({"from": order["created_at"]})["count"] == 1
    assert sandbox.client.order.all({"to": order["created_at"] - 1})["count"] == 0


@pytest.mark.parametrize(
    ("query", "description"),
    [
        ("count=101", "The count may not be greater than 100."),
        ("count=0", "The count must be at least 1."),
        ("count=many", "The count must be an integer."),
        ("skip=-1", "The skip must be an integer."),
        ("from=1", "from must be between 946684800 and 4765046400"),
        ("authorized=2", "The authorized may not be greater than 1."),
        ("authorized=yes", "The authorized must be an integer."),
        ("colour=red", "colour is/are not required and should not be sent"),
    ],
)
def test_a_bad_page_is_refused(sandbox, query, description):
    response = sandbox.call("GET", f"/v1/orders?{query}")

    assert response.status_code == 400
    assert response.json()["error"]["description"] == description


def test_orders_are_told_apart_by_whether_a_payment_of_them_was_authorized(sandbox):
    untouched, failed, begun = sandbox.order(), sandbox.order(), sandbox.order()
    sandbox.pay(failed, outcome="failed")
    sandbox.pay(begun, delay_ms=3_600_000)
    authorized, captured, refunded = sandbox.order(), sandbox.order(), sandbox.order()
    sandbox.pay(authorized, outcome="authorized")
    sandbox.pay(captured, outcome="failed")
    sandbox.pay(captured)
    payment = sandbox.pay(refunded)
    sandbox.client.payment.refund(payment["razorpay_payment_id"], {"amount": 50000})

    def listed(**query):
        return [order["id"] for order in sandbox.client.order.all(query)["items"]]

    assert listed(authorized=1) == [order["id"] for order in (refunded, captured, authorized)]
    assert listed(authorized=0) == [order["id"] for order in (begun, failed, untouched)]
    assert listed(authorized=1, count=1, skip=1) == [captured["id"]]
    assert len(listed()) == 6


def test_orders_are_listed_with_their_payments_on_request(sandbox):
    order = sandbox.order()
    sandbox.pay(order, method="card")

    listed = sandbox.client.order.all({"expand[]": "payments"})["items"][0]
    with_card = sandbox.client.order.all({"expand[]": "payments.card"})["items"][0]

    assert listed["payments"] == sandbox.client.order.payments(order["id"])
    assert with_card["payments"]["items"][0]["card"]["last4"] == "0153"


@pytest.mark.parametrize(
    ("path", "description"),
    [
        ("/v1/orders/order_00000000000000", "The id provided does not exist"),
        ("/v1/orders/order_short", "order_short is not a valid id"),
        ("/v1/payments/order_00000000000000", "order_00000000000000 is not a valid id"),
        ("/v1/payments/pay_00000000000000", "The id provided does not exist"),
        ("/v1/refunds/rfnd_00000000000000", "The id provided does not exist"),
        ("/v1/disputes/disp_00000000000000", "The id provided does not exist"),
        ("/v1/disputes/pay_00000000000000", "pay_00000000000000 is not a valid id"),
        ("/v1/settlements/setl_00000000000000", "The id provided does not exist"),
        ("/v1/payments/downtimes/down_00000000000000", "The id provided does not exist"),
        ("/v1/payments/downtimes/x", "x is not a valid id"),
    ],
)
def test_an_id_that_is_not_ours_is_a_bad_request(sandbox, path, description):
    response = sandbox.call("GET", path)

    assert (response.status_code, response.json()) == (400, invalid(description))


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/v1/nothing"), ("DELETE", "/v1/orders"), ("GET", "/v1/orders/")]
)
def test_a_path_that_the_api_does_not_have_is_a_bad_request(sandbox, method, path):
    response = sandbox.call(method, path)

    assert response.status_code == 400
    assert response.json() == invalid(
        "The requested URL was not found on the server.", source="NA", step="NA", reason="NA"
    )


def test_a_path_outside_the_api_is_not_routed(sandbox):
    response = sandbox.call("GET", "/nothing")

    assert response.status_code == 404
    assert response.json() == {"message": "no Route matched with those values"}


@pytest.mark.parametrize("auth", [None, ("rzp_test_tests", "wrong"), ("wrong", "tests_key_secret")])
def test_a_wrong_key_pair_is_unauthorized(sandbox, auth):
    response = requests.get(f"{sandbox.url}/v1/orders", auth=auth, timeout=10)

    assert response.status_code == 401
    assert response.json() == {
        "error": {"code": "BAD_REQUEST_ERROR", "description": "Authentication failed"}
    }


@pytest.mark.parametrize(
    "header", ["basic cnpwX3Rlc3RfdGVzdHM6dGVzdHNfa2V5X3NlY3JldA==", "Basic %%%", "Bearer x"]
)
def test_only_the_exact_scheme_and_a_readable_pair_are_taken(sandbox, header):
    response = requests.get(
        f"{sandbox.url}/v1/orders", headers={"Authorization": header}, timeout=10
    )

    assert response.status_code == 401


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"[]",
        b"5",
        b'"x"',
        b"\xff",
        b'{"amount": NaN}',
        b'{"amount":100,"currency":"INR","receipt":"\\ud800"}',
        b"[" * 100_000,
    ],
)
def test_a_body_that_is_no_json_object_is_a_bad_request(sandbox, raw):
    response = sandbox.call("POST", "/v1/orders", data=raw)

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "BAD_REQUEST_ERROR"
