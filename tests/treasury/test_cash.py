"""Cash that comes in is captured by staff, and goes back by hand."""

import pytest
from sqlalchemy import select

from app.orders.models import Order
from app.payments.gateway import gateway
from app.payments.models import Payment, PaymentAttempt, Refund
from app.treasury import refund as story
from tests.builders import values
from tests.checkout.steps import at_once
from tests.payments.balance import assert_balanced
from tests.payments.purchase import given_back, purchase, refunds, sales


@pytest.fixture
def buyer(shop):
    shop.product("ring", 2)
    return shop.customer()


@pytest.fixture
def order(buyer):
    return buyer.check_out(ring=1).json


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


def promise_cash(buyer, order_id):
    return buyer.post(f"/api/v1/orders/{order_id}/payments", {"gateway": "cash_on_delivery"})


def standing(buyer, order_id):
    order = buyer.order(order_id)
    return order["status"], order["payment_status"], order["pays_on_delivery"]


def tries(session):
    columns = (
        PaymentAttempt.gateway_payment_id, PaymentAttempt.status, PaymentAttempt.amount,
        PaymentAttempt.method, PaymentAttempt.outcome,
    )  # fmt: skip
    return values(session.execute(select(*columns).order_by(PaymentAttempt.created_at)))


def take_cash(boss, session):
    """Have staff say that the cash of the one order that was promised has come in."""
    query = select(Payment.id).where(Payment.gateway == "cash_on_delivery")
    return boss.post(f"/api/v1/admin/payments/{session.scalars(query).one()}/capture")


def test_cash_that_came_in_is_captured_and_kept_once(shop, session, buyer, order, boss):
    opened = promise_cash(buyer, order["id"]).json
    clerk = shop.customer(role="staff")

    answers = [take_cash(clerk, session) for _ in range(2)]
    shop.work()

    payment = session.scalars(select(Payment)).one()
    assert [(a.status_code, a.json["id"], a.json["status"]) for a in answers] == [
        (200, opened["payment_id"], "captured")
    ] * 2
    path = f"/api/v1/admin/payments/{payment.id}"
    assert answers[0].json == clerk.get(path).json["payment"]
    assert tries(session) == [(f"cod_{payment.id}", "captured", 103_000, "cash", "kept")]
    assert standing(buyer, order["id"]) == ("confirmed", "captured", True)
    assert (refunds(session), sales(session)) == ([], [(f"sale:{order['id']}:RING", -1)])
    assert_balanced(session)


def test_cash_taken_at_once_is_captured_once(shop, session, buyer, order, boss):
    promise_cash(buyer, order["id"])

    answers = at_once([lambda: take_cash(boss, session)] * 4)

    assert [(a.status_code, a.json["status"]) for a in answers] == [(200, "captured")] * 4
    assert [row[-1] for row in tries(session)] == ["kept"]
    assert_balanced(session)


def test_cash_that_nobody_promised_is_not_taken(shop, session, buyer, order, boss, monkeypatch):
    monkeypatch.setattr(gateway("cash_on_delivery"), "_up_to", 100)
    promise_cash(buyer, order["id"])

    refused = take_cash(boss, session)

    assert (refused.status_code, refused.json["code"]) == (409, "nothing_to_capture")
    assert refused.json["payment_status"] == "created"


def test_a_refund_of_cash_waits_until_it_is_paid_out_by_hand(shop, session, buyer, order, boss):
    opened = promise_cash(buyer, order["id"]).json
    take_cash(boss, session)
    path = f"/api/v1/admin/payments/{opened['payment_id']}/refunds"

    refund = boss.post(path, {"reason": "too small", "reference": "r1", "amount": 3_000}).json
    shop.work()
    assert session.get(Refund, refund["id"]).gateway_refund_id == f"codr_{refund['id']}"
    assert standing(buyer, order["id"]) == ("confirmed", "captured", True)

    answers = [boss.post(f"/api/v1/admin/refunds/{refund['id']}/paid-out") for _ in range(2)]
    shop.work()

    assert [(a.status_code, a.json["status"]) for a in answers] == [(200, "processed")] * 2
    assert [row[1:] for row in refunds(session)] == [(3_000, "processed", "too small")]
    assert standing(buyer, order["id"]) == ("confirmed", "partially_refunded", True)


def test_cash_paid_out_before_the_worker_came_to_it_is_paid_out_once(
    shop, session, buyer, order, boss
):
    opened = promise_cash(buyer, order["id"]).json
    take_cash(boss, session)
    path = f"/api/v1/admin/payments/{opened['payment_id']}/refunds"
    refund = boss.post(path, {"reason": "too small", "reference": "r1"}).json

    paid_out = boss.post(f"/api/v1/admin/refunds/{refund['id']}/paid-out")
    shop.work()

    assert (paid_out.status_code, paid_out.json["status"]) == (200, "processed")
    assert [row[1:] for row in refunds(session)] == [(103_000, "processed", "too small")]
    assert standing(buyer, order["id"]) == ("confirmed", "refunded", True)


def test_an_order_that_pays_on_delivery_is_paid_by_a_capture_at_razorpay(
    shop, session, buyer, boss
):
    bought = purchase(shop, buyer, ring=1)
    promise_cash(buyer, bought.order_id)
    payment = bought.pay()

    bought.tell("payment.captured", payment)
    shop.work()

    assert standing(buyer, bought.order_id) == ("confirmed", "captured", True)
    assert [(row[1], row[4]) for row in tries(session)] == [
        ("authorized", None),
        ("captured", "kept"),
    ]
    assert (refunds(session), given_back(shop, payment)) == ([], [])
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_balanced(session)


def test_cash_that_came_in_for_what_razorpay_paid_goes_back_by_hand(shop, session, buyer, boss):
    bought = purchase(shop, buyer, ring=1)
    promise_cash(buyer, bought.order_id)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    taken = take_cash(boss, session)
    shop.work()

    assert (taken.status_code, taken.json["status"]) == (200, "captured")
    [refund] = session.scalars(select(Refund)).all()
    assert (refund.amount, refund.status, refund.reason) == (103_000, "pending", "second_capture")
    assert standing(buyer, bought.order_id) == ("confirmed", "captured", True)
    boss.post(f"/api/v1/admin/refunds/{refund.id}/paid-out")
    assert [row[2] for row in refunds(session)] == ["processed"]
    assert session.scalars(select(Order.payment_status)).one() == "captured"
    assert_balanced(session)


def test_cash_paid_out_while_the_worker_comes_to_it_is_paid_out_once(
    shop, session, buyer, order, boss, monkeypatch
):
    opened = promise_cash(buyer, order["id"]).json
    take_cash(boss, session)
    path = f"/api/v1/admin/payments/{opened['payment_id']}/refunds"
    refund = boss.post(path, {"reason": "too small", "reference": "r1", "amount": 3_000}).json

    def let_the_worker_be_first(name):
        monkeypatch.setattr(story, "gateway", gateway)
        shop.work("payments")
        return gateway(name)

    monkeypatch.setattr(story, "gateway", let_the_worker_be_first)
    paid_out = boss.post(f"/api/v1/admin/refunds/{refund['id']}/paid-out")

    assert (paid_out.status_code, paid_out.json["status"]) == (200, "processed")
    assert [row[1:] for row in refunds(session)] == [(3_000, "processed", "too small")]
    assert standing(buyer, order["id"]) == ("confirmed", "partially_refunded", True)
