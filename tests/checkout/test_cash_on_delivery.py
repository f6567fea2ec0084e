"""Cash on delivery: the order is confirmed on the buyer's word, and its units are sold."""

import pytest
from sqlalchemy import select

from app.checkout import confirm, promise
from app.core.db import transaction
from app.inventory import ledger
from app.inventory.terms import Booking, Levels
from app.orders.models import OrderTransition
from app.payments.gateway import gateway
from app.payments.models import Payment, PaymentAttempt
from tests.builders import values
from tests.checkout.steps import at_once, let_time_run_out, told
from tests.messages.post import read
from tests.payments.balance import assert_balanced
from tests.payments.purchase import announced, expire, make_due, sales
from workers.stock import start_reconciliation

NOT_OFFERED = {
    "type": "/problems/gateway-not-offered",
    "title": "The shop does not take payments in this way.",
    "status": 422,
    "code": "gateway_not_offered",
}
EXPIRED = {
    "type": "/problems/reservation-expired",
    "title": "The time to pay is over and the units are on sale again.",
    "status": 409,
    "code": "reservation_expired",
}


@pytest.fixture
def buyer(shop):
    shop.product("ring", 2)
    return shop.customer()


@pytest.fixture
def order(buyer):
    return buyer.check_out(ring=1).json


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


def test_a_promise_confirms_the_order_at_once(shop, session, buyer, order):
    opened = promise_cash(buyer, order["id"])

    payment = session.scalars(select(Payment)).one()
    assert opened.status_code == 200
    assert {k: v for k, v in opened.json.items() if k != "prefill"} == {
        "payment_id": str(payment.id),
        "gateway": "cash_on_delivery",
        "amount": 103_000,
        "currency": "INR",
        "expires_at": order["expires_at"],
        "downtimes": [],
    }
    assert standing(buyer, order["id"]) == ("confirmed", "authorized", True)
    assert tries(session) == [(f"cod_{payment.id}", "authorized", 103_000, "cash", None)]
    assert (payment.status, payment.next_poll_at) == ("authorized", None)
    columns = OrderTransition.to_status, OrderTransition.actor, OrderTransition.reason
    assert values(session.execute(select(*columns))) == [
        ("confirmed", f"customer:{buyer.id}", "pays on delivery")
    ]


def test_a_promise_takes_the_units_in_redis_and_in_postgres(shop, session, buyer, order):
    promise_cash(buyer, order["id"])

    assert sales(session) == [(f"sale:{order['id']}:RING", -1)]
    assert (shop.levels("ring"), shop.on_hand("ring")) == (Levels(1, 0, 0), 1)
    assert_balanced(session)


def test_a_promise_empties_the_cart_of_what_was_bought(shop, buyer):
    buyer.put("/api/v1/cart/items/RING", {"quantity": 2})
    placed = buyer.check_out().json

    promise_cash(buyer, placed["id"])

    assert buyer.get("/api/v1/cart").json["lines"] == []


def test_the_mail_about_a_promise_claims_no_payment_and_tells_what_to_have_ready(
    shop, buyer, order, monkeypatch, tmp_path
):
    monkeypatch.setenv("MAIL_URL", f"file://{tmp_path}")
    promise_cash(buyer, order["id"])

    shop.work("announcements", "mail")

    [path] = tmp_path.glob("order.confirmed.*")
    letter = read(path.read_bytes()).get_body(("plain",)).get_content()
    confirmed = f"\nThank you. Your order {order['number']} is confirmed."
    assert f"{confirmed} Please have ₹1,030.00 ready when it comes.\n" in letter
    assert "has reached us" not in letter


def test_asked_again_it_is_the_same_promise(shop, session, buyer, order):
    first = promise_cash(buyer, order["id"])

    again = promise_cash(buyer, order["id"])

    assert (again.status_code, again.json) == (200, first.json)
    assert sales(session) == [(f"sale:{order['id']}:RING", -1)]
    assert announced(session, "order.confirmed") == 1
    assert_balanced(session)


def test_promised_at_once_it_is_one_promise(shop, session, buyer, order):
    answers = at_once([lambda: promise_cash(buyer, order["id"])] * 6)

    assert [answer.status_code for answer in answers] == [200] * 6
    assert [answer.json for answer in answers] == [answers[0].json] * 6
    assert sales(session) == [(f"sale:{order['id']}:RING", -1)]
    assert announced(session, "order.confirmed") == 1
    assert_balanced(session)


def test_a_promise_that_another_request_kept_meanwhile_is_no_loss_of_the_last_unit(
    shop, session, buyer, monkeypatch
):
    """The other request is through between this one's look at the order and its commit."""
    placed = buyer.check_out(ring=2).json
    answers = []

    def be_overtaken(claim):
        monkeypatch.setattr(promise, "commit_units", confirm.commit_units)
        answers.append(promise_cash(buyer, placed["id"]))
        return confirm.commit_units(claim)

    monkeypatch.setattr(promise, "commit_units", be_overtaken)
    answers.append(promise_cash(buyer, placed["id"]))

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert sales(session) == [(f"sale:{placed['id']}:RING", -2)]
    assert_balanced(session)


def test_cash_is_taken_up_to_an_amount(shop, session, buyer, order, monkeypatch):
    monkeypatch.setattr(gateway("cash_on_delivery"), "_up_to", 102_999)

    refused = promise_cash(buyer, order["id"])
    monkeypatch.setattr(gateway("cash_on_delivery"), "_up_to", 103_000)
    taken = promise_cash(buyer, order["id"])

    assert (refused.status_code, told(refused)) == (
        422,
        NOT_OFFERED | {"detail": "Cash is taken up to ₹1,029.99 an order."},
    )
    assert taken.status_code == 200


def test_who_cannot_promise_so_much_pays_otherwise(shop, session, buyer, order, monkeypatch):
    monkeypatch.setattr(gateway("cash_on_delivery"), "_up_to", 100)
    promise_cash(buyer, order["id"])

    assert standing(buyer, order["id"]) == ("pending", "pending", False)
    assert shop.levels("ring").reserved == 1
    shop.capture(buyer.open_payment(order["id"]))
    shop.work()
    assert standing(buyer, order["id"]) == ("confirmed", "captured", False)
    assert_balanced(session)


def test_a_promise_after_the_time_is_over_is_refused(shop, session, redis, buyer, order):
    let_time_run_out(session, redis, order["id"], "ring")
    assert shop.customer().check_out(ring=2).status_code == 201

    refused = promise_cash(buyer, order["id"])

    assert (refused.status_code, told(refused)) == (409, EXPIRED)
    assert (standing(buyer, order["id"]), sales(session)) == (("pending", "pending", False), [])


def test_a_promise_whose_units_went_while_it_was_made_is_refused(
    shop, session, redis, buyer, order, monkeypatch
):
    def be_late(claim):
        let_time_run_out(session, redis, order["id"], "ring")
        assert shop.customer().check_out(ring=2).status_code == 201
        return confirm.commit_units(claim)

    monkeypatch.setattr(promise, "commit_units", be_late)

    refused = promise_cash(buyer, order["id"])

    assert (refused.status_code, told(refused)) == (409, EXPIRED)
    assert (standing(buyer, order["id"])[0], sales(session)) == ("pending", [])


def test_a_promise_for_what_was_cancelled_meanwhile_is_refused_and_holds_nothing(
    shop, session, buyer, order, monkeypatch
):
    def be_overtaken(claim):
        assert buyer.post(f"/api/v1/orders/{order['id']}/cancel", {}).status_code == 200
        return confirm.commit_units(claim)

    monkeypatch.setattr(promise, "commit_units", be_overtaken)

    refused = promise_cash(buyer, order["id"])

    assert (refused.status_code, refused.json["code"]) == (409, "order_not_payable")
    assert standing(buyer, order["id"]) == ("cancelled", "pending", False)
    assert sales(session) == []
    assert_balanced(session)


def test_a_promise_of_units_that_postgres_does_not_have_is_refused_and_holds_nothing(
    shop, session, buyer, order
):
    with transaction() as inner:
        till = Booking("a hand in the till", "test", reason="gone")
        ledger.add(inner, "RING", -2, till, kind="adjustment")

    refused = promise_cash(buyer, order["id"])

    assert (refused.status_code, refused.json["code"]) == (409, "insufficient_stock")
    assert standing(buyer, order["id"]) == ("pending", "pending", False)
    assert (shop.levels("ring"), sales(session)) == (Levels(0, 0, 0), [])


def test_an_order_that_expired_is_promised_no_more(shop, session, buyer, order):
    expire(session, order["id"])

    refused = promise_cash(buyer, order["id"])

    assert (refused.status_code, told(refused)) == (409, EXPIRED)
    assert_balanced(session)


@pytest.mark.parametrize("state", ["paid", "cancelled"])
def test_what_is_not_waiting_for_a_payment_is_not_promised(shop, session, buyer, order, state):
    if state == "paid":
        shop.capture(buyer.open_payment(order["id"]))
        shop.work()
    else:
        buyer.post(f"/api/v1/orders/{order['id']}/cancel", {})
    before = standing(buyer, order["id"])

    refused = promise_cash(buyer, order["id"])

    assert (refused.status_code, refused.json["code"]) == (409, "order_not_payable")
    assert standing(buyer, order["id"]) == before
    assert_balanced(session)


def test_an_order_that_was_promised_cannot_be_opened_elsewhere(shop, buyer, order):
    promise_cash(buyer, order["id"])

    refused = buyer.post(f"/api/v1/orders/{order['id']}/payments", {"gateway": "razorpay"})

    assert (refused.status_code, refused.json["code"]) == (409, "order_not_payable")


class Killed(BaseException):
    """The process is gone; no handler of the shop gets to see it."""


def die(*_, **__):
    raise Killed


CRASHES = pytest.mark.parametrize(
    ("crash", "is_deducted"),
    [
        pytest.param((promise, "_conclude", die), False, id="before Postgres"),
        pytest.param((ledger, "settle_all", die), True, id="before Redis settled"),
    ],
)


def compare_stock(shop, session):
    """Let the clock's worker compare Redis with Postgres, and look at what differs again."""
    start_reconciliation()
    shop.work("stock")
    make_due(session)
    shop.work("stock")


@CRASHES
def test_a_promise_whose_process_died_is_kept_when_it_is_asked_for_again(
    shop, session, buyer, order, monkeypatch, crash, is_deducted
):
    with monkeypatch.context() as patch:
        patch.setattr(*crash)
        with pytest.raises(Killed):
            promise_cash(buyer, order["id"])
    assert shop.levels("ring") == Levels(on_hand=2, reserved=0, committed=1)
    assert (buyer.order(order["id"])["status"] == "confirmed") is is_deducted

    assert promise_cash(buyer, order["id"]).status_code == 200
    compare_stock(shop, session)

    assert standing(buyer, order["id"]) == ("confirmed", "authorized", True)
    assert sales(session) == [(f"sale:{order['id']}:RING", -1)]
    assert_balanced(session)


@pytest.mark.parametrize("is_late", [False, True])
def test_a_promise_whose_process_died_is_kept_by_a_job_though_nobody_asks_again(
    shop, session, buyer, order, monkeypatch, is_late
):
    with monkeypatch.context() as patch:
        patch.setattr(promise, "_conclude", die)
        with pytest.raises(Killed):
            promise_cash(buyer, order["id"])

    if is_late:
        expire(session, order["id"])
    make_due(session)
    shop.work("payments")
    compare_stock(shop, session)

    assert standing(buyer, order["id"]) == ("confirmed", "authorized", True)
    assert sales(session) == [(f"sale:{order['id']}:RING", -1)]
    assert_balanced(session)


def test_a_promise_whose_process_died_holds_nothing_of_an_order_that_was_cancelled(
    shop, session, buyer, order, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(promise, "_conclude", die)
        with pytest.raises(Killed):
            promise_cash(buyer, order["id"])
    assert buyer.post(f"/api/v1/orders/{order['id']}/cancel", {}).status_code == 200

    make_due(session)
    shop.work("payments")

    assert standing(buyer, order["id"]) == ("cancelled", "pending", False)
    assert shop.levels("ring") == Levels(on_hand=2, reserved=0, committed=0)
    assert_balanced(session)


def test_a_promise_that_was_refused_is_not_kept_by_a_job(shop, session, buyer, order, monkeypatch):
    """The units go while the promise is being made, and come back afterwards."""
    really_commit = promise.commit_units

    def too_late(claim):
        expire(session, order["id"])
        rival = shop.customer()
        rival.taken = rival.check_out(ring=2).json["id"]
        monkeypatch.setattr(promise, "commit_units", really_commit)
        refused = really_commit(claim)
        rival.post(f"/api/v1/orders/{rival.taken}/cancel", {})
        return refused

    monkeypatch.setattr(promise, "commit_units", too_late)
    response = promise_cash(buyer, order["id"])
    assert (response.status_code, told(response)) == (409, EXPIRED)

    make_due(session)
    shop.work("payments")

    assert standing(buyer, order["id"])[0] == "expired"
    assert (sales(session), tries(session)) == ([], [])
    assert_balanced(session)
