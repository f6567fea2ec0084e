import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from razorpay.errors import BadRequestError, SignatureVerificationError


def statuses(sandbox, order):
    payments = sandbox.client.order.payments(order["id"])["items"]
    return [payment["status"] for payment in payments]


def test_a_buyer_pays_and_the_shop_holds_a_signed_proof(sandbox):
    order = sandbox.order()

    signed = sandbox.pay(order, method="upi")

    assert len(signed) == 3
    assert signed["razorpay_order_id"] == order["id"]
    assert re.fullmatch(r"pay_[A-Za-z0-9]{14}", signed["razorpay_payment_id"])
    assert sandbox.client.utility.verify_payment_signature(signed)
    with pytest.raises(SignatureVerificationError):
        sandbox.client.utility.verify_payment_signature(
            signed | {"razorpay_order_id": sandbox.order()["id"]}
        )


def test_a_captured_payment_settles_its_order(sandbox):
    order = sandbox.order(50000)

    sandbox.pay(order)

    assert sandbox.client.order.fetch(order["id"]) == order | {
        "status": "paid",
        "amount_paid": 50000,
        "amount_due": 0,
        "attempts": 1,
    }


@pytest.mark.parametrize(
    ("amount", "fee", "tax"), [(100, 2, 0), (1000, 24, 4), (2100, 50, 8), (250000, 5900, 900)]
)
def test_the_fee_includes_the_tax_and_is_known_on_capture(sandbox, amount, fee, tax):
    order = sandbox.order(amount)
    payment_id = sandbox.pay(order, outcome="authorized")["razorpay_payment_id"]

    before = sandbox.client.payment.fetch(payment_id)
    sandbox.client.payment.capture(payment_id, amount, {"currency": "INR"})
    after = sandbox.client.payment.fetch(payment_id)

    assert (before["fee"], before["tax"]) == (None, None)
    assert (after["fee"], after["tax"]) == (fee, tax)


@pytest.mark.parametrize(
    ("method", "named", "reference"),
    [
        ("card", "card_id", "auth_code"),
        ("upi", "vpa", "rrn"),
        ("netbanking", "bank", "bank_transaction_id"),
        ("wallet", "wallet", "transaction_id"),
    ],
)
def test_each_method_has_its_own_fields(sandbox, method, named, reference):
    payment = sandbox.paid(method=method)

    filled = [name for name in ("card_id", "vpa", "bank", "wallet") if payment[name]]
    assert filled == [named]
    assert payment["acquirer_data"][reference]
    assert "card" not in payment


def test_a_card_is_shown_only_on_request(sandbox):
    payment = sandbox.paid(method="card")

    expanded = sandbox.client.payment.fetch(payment["id"], {"expand[]": "card"})

    assert expanded["card"]["id"] == payment["card_id"]
    assert re.fullmatch(r"card_[A-Za-z0-9]{14}", payment["card_id"])


def test_a_failed_payment_leaves_the_order_open_for_another(sandbox):
    order = sandbox.order()

    failed = sandbox.pay(order, outcome="failed", reason="insufficient_funds")
    attempted = sandbox.client.order.fetch(order["id"])
    sandbox.pay(order, outcome="captured")

    payment = sandbox.client.payment.fetch(failed["razorpay_payment_id"])
    assert payment["error_reason"] == "insufficient_funds"
    assert payment["error_code"] == "BAD_REQUEST_ERROR"
    assert (attempted["status"], attempted["attempts"], attempted["amount_due"]) == (
        "attempted",
        1,
        50000,
    )
    assert statuses(sandbox, order) == ["failed", "captured"]
    assert sandbox.client.order.fetch(order["id"])["attempts"] == 2


def test_an_authorized_payment_is_captured_by_the_shop(sandbox):
    order = sandbox.order()
    payment_id = sandbox.pay(order, outcome="authorized")["razorpay_payment_id"]

    captured = sandbox.client.payment.capture(payment_id, 50000, {"currency": "INR"})

    assert (captured["status"], captured["captured"]) == ("captured", True)
    assert sandbox.client.order.fetch(order["id"])["status"] == "paid"


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ({"amount": 49900, "currency": "INR"}, "Capture amount must be equal to the amount auth"),
        ({"amount": 500.5, "currency": "INR"}, "The amount must be an integer."),
        ({"amount": 50000}, "The currency field is required."),
        ({}, "The amount field is required."),
    ],
)
def test_a_bad_capture_is_refused_and_takes_nothing(sandbox, body, description):
    order = sandbox.order(50000)
    payment_id = sandbox.pay(order, outcome="authorized")["razorpay_payment_id"]

    response = sandbox.call("POST", f"/v1/payments/{payment_id}/capture", json=body)

    assert response.status_code == 400
    assert response.json()["error"]["description"].startswith(description)
    assert statuses(sandbox, order) == ["authorized"]


def test_a_second_capture_is_refused(sandbox):
    payment = sandbox.paid(50000)

    with pytest.raises(BadRequestError, match="This payment has already been captured"):
        sandbox.client.payment.capture(payment["id"], 50000, {"currency": "INR"})


def test_a_failed_payment_cannot_be_captured(sandbox):
    payment = sandbox.paid(50000, outcome="failed")

    with pytest.raises(BadRequestError, match="Only payments which have been authorized"):
        sandbox.client.payment.capture(payment["id"], 50000, {"currency": "INR"})


def test_captures_in_parallel_take_the_money_once(sandbox):
    order = sandbox.order(50000)
    payment_id = sandbox.pay(order, outcome="authorized")["razorpay_payment_id"]

    def capture(_):
        body = {"amount": 50000, "currency": "INR"}
        return sandbox.call("POST", f"/v1/payments/{payment_id}/capture", json=body).status_code

    with ThreadPoolExecutor(8) as threads:
        answers = sorted(threads.map(capture, range(8)))

    assert answers == [200] + [400] * 7
    assert [entry["event"] for entry in sandbox.books()["deliveries"]].count("order.paid") == 1


def test_an_order_with_manual_capture_waits_for_the_shop(sandbox):
    order = sandbox.order(payment={"capture": "manual"})

    sandbox.pay(order, outcome="captured")

    assert statuses(sandbox, order) == ["authorized"]


def test_a_failed_payment_may_be_captured_late_under_its_own_id(sandbox):
    order = sandbox.order()
    failed = sandbox.pay(order, method="upi", outcome="failed")["razorpay_payment_id"]

    late = sandbox.pay(order, payment_id=failed, outcome="captured")

    payment = sandbox.client.payment.fetch(failed)
    assert late["razorpay_payment_id"] == failed
    assert (payment["status"], payment["error_code"]) == ("captured", None)
    assert payment["late_authorized"] is True
    assert sandbox.client.order.fetch(order["id"])["attempts"] == 1


def test_a_second_success_is_given_back_and_was_never_captured(sandbox):
    order = sandbox.order(50000)
    sandbox.pay(order)

    second = sandbox.pay(order)["razorpay_payment_id"]

    payment = sandbox.client.payment.fetch(second)
    refunds = sandbox.client.refund.all()["items"]
    assert (payment["status"], payment["captured"]) == ("refunded", False)
    assert (payment["amount_refunded"], payment["refund_status"]) == (50000, "full")
    assert [(refund["payment_id"], refund["amount"]) for refund in refunds] == [(second, 50000)]
    assert sandbox.client.order.fetch(order["id"])["amount_paid"] == 50000


def test_of_two_payments_under_way_one_is_captured_and_one_given_back(sandbox):
    order = sandbox.order()
    first = sandbox.pay(order, delay_ms=3_600_000)["razorpay_payment_id"]
    second = sandbox.pay(order, delay_ms=3_600_000)["razorpay_payment_id"]
    assert statuses(sandbox, order) == ["created", "created"]

    sandbox.pay(order, payment_id=second)
    sandbox.pay(order, payment_id=first)

    assert statuses(sandbox, order) == ["refunded", "captured"]


def test_a_capture_gives_back_what_else_was_authorized_for_the_order(sandbox):
    order = sandbox.order(50000, payment={"capture": "manual"})
    both = [sandbox.pay(order, delay_ms=3_600_000)["razorpay_payment_id"] for _ in range(2)]
    for payment_id in both:
        sandbox.pay(order, payment_id=payment_id, outcome="authorized")

    sandbox.client.payment.capture(both[1], 50000, {"currency": "INR"})

    assert statuses(sandbox, order) == ["refunded", "captured"]
    assert sandbox.client.payment.fetch(both[0])["captured"] is False


def test_a_delayed_outcome_comes_by_itself(sandbox, shop):
    order = sandbox.order()

    sandbox.pay(order, delay_ms=1000)
    shop.take(3)

    assert statuses(sandbox, order) == ["captured"]


def test_another_attempt_waits_while_a_payment_is_authorized(sandbox):
    order = sandbox.order()
    sandbox.pay(order, outcome="authorized")

    response = sandbox.call("POST", "/sandbox/pay", json={"order_id": order["id"]})

    assert response.status_code == 400
    assert "authorized already" in response.json()["error"]["description"]


def test_a_buyer_who_bears_the_fee_pays_more_than_the_order(sandbox):
    order = sandbox.order(50000)

    triple = sandbox.pay(order, amount=51180)

    payment = sandbox.client.payment.fetch(triple["razorpay_payment_id"])
    order = sandbox.client.order.fetch(order["id"])
    assert payment["amount"] == 51180
    assert (order["status"], order["amount_paid"], order["amount_due"]) == ("paid", 50000, 0)


def test_an_order_in_parts_is_paid_by_the_last_part(sandbox):
    order = sandbox.order(50000, partial_payment=True, first_payment_min_amount=10000)

    sandbox.pay(order, amount=20000)
    part = sandbox.client.order.fetch(order["id"])
    sandbox.pay(order)
    whole = sandbox.client.order.fetch(order["id"])

    assert (part["status"], part["amount_paid"], part["amount_due"]) == ("attempted", 20000, 30000)
    assert (whole["status"], whole["amount_paid"], whole["amount_due"]) == ("paid", 50000, 0)


def test_an_authorized_payment_lapses_into_a_refund(sandbox):
    payment = sandbox.paid(outcome="authorized")

    lapsed = sandbox.call("POST", f"/sandbox/payments/{payment['id']}/lapse").json()

    assert (lapsed["status"], lapsed["captured"]) == ("refunded", False)


def test_payments_are_listed_and_annotated(sandbox):
    first, second = sandbox.paid(), sandbox.paid()

    edited = sandbox.client.payment.edit(first["id"], {"notes": {"seen": "yes"}})

    assert edited == first | {"notes": {"seen": "yes"}}
    assert sandbox.client.payment.all()["items"] == [second, edited]


def test_three_hundred_buyers_pay_at_once(sandbox):
    orders = [sandbox.order() for _ in range(300)]

    with ThreadPoolExecutor(50) as threads:
        triples = list(threads.map(lambda order: sandbox.pay(order, deliver="none"), orders))

    books = sandbox.books()
    assert {order["status"] for order in books["orders"]} == {"paid"}
    assert {payment["status"] for payment in books["payments"]} == {"captured"}
    assert {payment["id"] for payment in books["payments"]} == {
        triple["razorpay_payment_id"] for triple in triples
    }
    assert len({entry["event_id"] for entry in books["deliveries"]}) == 900
