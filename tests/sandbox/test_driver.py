import pytest

JUNK = [None, 0, -1, 1.5, True, "", "x", [], ["a"], {}, {"a": 1}, 10**30, "\x00", "\u20b9"]
FIELDS = [
    *("order_id", "method", "outcome", "delay_ms", "deliver"),
    *("payment_id", "amount", "reason", "email", "contact", "notes"),
]


@pytest.mark.parametrize("field", FIELDS)
def test_no_value_of_any_field_breaks_the_driver(sandbox, field):
    order_id = sandbox.order()["id"]
    for value in JUNK:
        body = {"order_id": order_id, "outcome": "failed", field: value}
        response = sandbox.call("POST", "/sandbox/pay", json=body)

        assert response.status_code in {200, 400}, (value, response.text)
        if response.status_code == 400:
            assert response.json()["error"]["description"]


@pytest.mark.parametrize("field", ["amount", "currency", "receipt", "notes", "payment"])
def test_no_value_of_any_field_breaks_an_order(sandbox, field):
    for value in JUNK:
        body = {"amount": 100, "currency": "INR", field: value}
        response = sandbox.call("POST", "/v1/orders", json=body)

        assert response.status_code in {200, 400}, (value, response.text)


@pytest.mark.parametrize("field", ["amount", "speed", "receipt", "notes"])
def test_no_value_of_any_field_breaks_a_refund(sandbox, field):
    path = f"/v1/payments/{sandbox.paid(deliver='none')['id']}/refund"
    for value in JUNK:
        response = sandbox.call("POST", path, json={field: value})

        assert response.status_code in {200, 400}, (value, response.text)


@pytest.mark.parametrize(
    "field", ["payment_id", "amount", "reason_code", "phase", "respond_by", "deliver"]
)
def test_no_value_of_any_field_breaks_a_dispute(sandbox, field):
    payment_id = sandbox.paid(deliver="none")["id"]
    for value in JUNK:
        body = {"payment_id": payment_id, "deliver": "none", field: value}
        response = sandbox.call("POST", "/sandbox/disputes", json=body)

        assert response.status_code in {200, 400}, (value, response.text)


@pytest.mark.parametrize("field", ["method", "severity", "instrument", "deliver"])
def test_no_value_of_any_field_breaks_a_downtime(sandbox, field):
    for value in JUNK:
        body = {"method": "card", "deliver": "none", field: value}
        response = sandbox.call("POST", "/sandbox/downtimes", json=body)

        assert response.status_code in {200, 400}, (value, response.text)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        *(("disputes", "status"), ("disputes", "deliver")),
        *(("downtimes", "status"), ("downtimes", "severity"), ("downtimes", "deliver")),
    ],
)
def test_no_value_of_any_field_breaks_a_turn(sandbox, path, field):
    begun = {
        "disputes": {"payment_id": sandbox.paid(deliver="none")["id"]},
        "downtimes": {"method": "upi"},
    }
    one = sandbox.drive(path, **begun[path])
    final = {"disputes": "won", "downtimes": "resolved"}[path]
    for value in JUNK:
        body = {"status": final, field: value}
        response = sandbox.call("POST", f"/sandbox/{path}/{one['id']}", json=body)

        assert response.status_code == 400, (value, response.text)


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({"order_id": "order_00000000000000"}, "The id provided does not exist"),
        ({"order_id": 7}, "7 is not a valid id"),
        ({}, "The order id field is required."),
        ({"outcome": "won"}, "The outcome must be one of captured, authorized, failed."),
        ({"colour": 1}, "colour is/are not required and should not be sent"),
    ],
)
def test_a_wish_that_cannot_be_carried_out_is_explained(sandbox, body, description):
    response = sandbox.call("POST", "/sandbox/pay", json=body)

    assert response.status_code == 400
    assert response.json()["error"]["description"] == description


def test_a_payment_goes_on_only_within_its_order(sandbox):
    payment = sandbox.paid(outcome="failed")

    body = {"order_id": sandbox.order()["id"], "payment_id": payment["id"]}
    response = sandbox.call("POST", "/sandbox/pay", json=body)

    assert response.status_code == 400
    assert response.json()["error"]["description"] == "The payment is of another order."


@pytest.mark.parametrize(
    ("first", "then"),
    [("captured", "failed"), ("captured", "captured"), ("authorized", "failed")],
)
def test_a_payment_never_goes_backward(sandbox, first, then):
    payment = sandbox.paid(outcome=first)

    body = {"order_id": payment["order_id"], "payment_id": payment["id"], "outcome": then}
    response = sandbox.call("POST", "/sandbox/pay", json=body)

    assert response.status_code == 400
    assert sandbox.client.payment.fetch(payment["id"]) == payment


def test_the_books_show_everything_the_oldest_first(sandbox, shop):
    first, second = sandbox.order(), sandbox.order()
    triple = sandbox.pay(first)
    sandbox.client.payment.refund(triple["razorpay_payment_id"], {"amount": 100})
    shop.take(5)

    books = sandbox.books()

    assert [order["id"] for order in books["orders"]] == [first["id"], second["id"]]
    assert [payment["id"] for payment in books["payments"]] == [triple["razorpay_payment_id"]]
    assert [refund["amount"] for refund in books["refunds"]] == [100]
    assert (books["disputes"], books["settlements"], books["downtimes"]) == ([], [], [])
    assert [entry["event"] for entry in books["deliveries"]] == [
        *("payment.authorized", "payment.captured", "order.paid"),
        *("refund.created", "refund.processed"),
    ]
    assert books["webhook"] == {"enabled": True}


def test_the_books_show_what_no_buyer_had_a_hand_in(sandbox):
    payment = sandbox.paid()
    disputes = [sandbox.drive("disputes", payment_id=payment["id"]) for _ in range(2)]
    settlement = sandbox.drive("settlements")
    downtime = sandbox.drive("downtimes", method="upi")

    books = sandbox.books()

    assert books["disputes"] == disputes
    assert books["settlements"] == [settlement]
    assert [shown["id"] for shown in books["downtimes"]] == [downtime["id"]]
    assert not [name for shown in books["payments"] for name in shown if name.startswith("_")]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/sandbox/deliveries/00000000000000", 400),
        ("POST", "/sandbox/deliveries/00000000000000/redeliver", 400),
        ("POST", "/sandbox/refunds/rfnd_00000000000000", 400),
        ("POST", "/sandbox/payments/pay_00000000000000/lapse", 400),
        ("POST", "/sandbox/disputes/disp_00000000000000", 400),
        ("POST", "/sandbox/downtimes/down_00000000000000", 400),
        ("POST", "/sandbox/webhook", 400),
        ("GET", "/sandbox/nothing", 404),
        ("PUT", "/sandbox/pay", 405),
    ],
)
def test_what_the_driver_does_not_have_is_an_error_object(sandbox, method, path, status):
    response = sandbox.call(method, path)

    assert response.status_code == status
    assert response.json()["error"]["description"]


def test_a_bug_is_a_server_error_and_not_a_page(sandbox, monkeypatch):
    def fail(_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(sandbox.app.extensions["sandbox"].faults, "clear", lambda: fail(0))

    response = sandbox.call("DELETE", "/sandbox/faults")

    assert response.status_code == 500
    assert response.json()["error"]["code"] == "SERVER_ERROR"
