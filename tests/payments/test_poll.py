"""Webhooks that never come: Razorpay is asked, and every capture still ends once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.payments.errors import GatewayRefused
from app.payments.gateway import gateway as gateway_named
from app.payments.models import Payment, PaymentAttempt
from app.payments.razorpay import Razorpay
from app.treasury import poll
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import expire, purchase, refunds, sales
from tests.treasury.money import alerts
from workers import payments as work


@pytest.fixture
def bought(shop):
    shop.product("ring", 2)
    return purchase(shop, ring=1)


def let_time_pass(session):
    """Let the time come at which every open payment is asked about."""
    open_ones = update(Payment).where(Payment.next_poll_at.is_not(None))
    session.execute(open_ones.values(next_poll_at=func.now()))


def ask(shop, session):
    let_time_pass(session)
    work.poll_payments()
    shop.work()


def attempts(session):
    columns = PaymentAttempt.status, PaymentAttempt.outcome
    return values(session.execute(select(*columns).order_by(PaymentAttempt.created_at)))


def test_a_capture_of_which_no_event_ever_told_confirms_the_order(shop, session, bought):
    bought.pay()

    ask(shop, session)

    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_balanced(session)


def test_an_event_that_comes_after_all_changes_nothing(shop, session, bought):
    paid = bought.pay()
    ask(shop, session)

    bought.tell("payment.captured", paid)
    shop.work()

    assert attempts(session) == [("captured", "kept")]
    assert refunds(session) == []
    assert_balanced(session)


def test_a_capture_that_nobody_told_of_before_the_time_was_up_takes_what_is_left(
    shop, session, bought
):
    bought.pay()
    expire(session, bought.order_id)

    ask(shop, session)

    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


def test_a_capture_for_which_nothing_is_left_goes_back(shop, session, bought):
    paid = bought.pay()
    expire(session, bought.order_id)
    assert shop.customer().check_out(ring=2).status_code == 201

    ask(shop, session)

    assert bought.status == ("expired", "refunded")
    assert refunds(session) == [(paid, bought.total, "processed", "sold_out")]
    assert_balanced(session)


@pytest.mark.parametrize("outcome", ["authorized", "failed"])
def test_a_try_that_is_not_captured_is_noted_and_asked_about_again(shop, session, bought, outcome):
    bought.pay(outcome)

    ask(shop, session)
    ask(shop, session)

    assert bought.status == ("pending", outcome)
    assert attempts(session) == [(outcome, None)]
    assert session.scalars(select(Payment.polls)).one() == 2


def test_a_payment_that_nobody_tried_is_asked_about_for_five_days(shop, session, bought):
    ask(shop, session)
    assert session.scalars(select(Payment.next_poll_at)).one() is not None

    session.execute(update(Payment).values(created_at=func.now() - timedelta(days=5, seconds=1)))
    ask(shop, session)

    assert values(session.execute(select(Payment.polls, Payment.next_poll_at))) == [(1, None)]


def test_nobody_asks_once_a_capture_pays_for_the_order(shop, session, bought):
    bought.tell("payment.captured", bought.pay())
    shop.work()

    ask(shop, session)

    assert values(session.execute(select(Payment.polls, Payment.next_poll_at))) == [(0, None)]


def test_a_payment_of_which_a_capture_went_back_may_still_be_paid_and_is_asked_about(
    shop, session, bought
):
    bought.tell("payment.captured", bought.pay(amount=bought.total + 100))
    shop.work()

    ask(shop, session)

    assert session.scalars(select(Payment.polls)).one() == 1
    assert len(refunds(session)) == 1


def test_the_pauses_double_up_to_six_hours(shop, session, bought):
    pauses = []
    for _ in range(11):
        ask(shop, session)
        pause = session.scalar(select(Payment.next_poll_at - func.now()))
        pauses.append(round(pause / timedelta(minutes=1)))

    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


def test_a_payment_that_is_not_due_is_left_alone(shop, session, bought):
    bought.pay()

    work.poll_payments()

    assert bought.status == ("pending", "pending")
    assert session.scalars(select(Payment.polls)).one() == 0


def test_a_razorpay_that_does_not_answer_is_asked_again_later(shop, session, bought):
    bought.pay()
    shop.gateway.fault(route="orders.payments", too_many_requests=True)

    ask(shop, session)
    assert bought.status == ("pending", "pending")
    shop.gateway.clear()
    ask(shop, session)

    assert bought.status == ("confirmed", "captured")


def test_those_that_wait_behind_a_razorpay_that_does_not_answer_lose_no_time(shop, session):
    shop.product("ring", 3)
    for _ in range(3):
        purchase(shop, ring=1).pay()
    let_time_pass(session)
    shop.gateway.fault(route="orders.payments", too_many_requests=True)

    work.poll_payments()

    is_due = Payment.next_poll_at <= func.now()
    asked = session.execute(select(Payment.polls, is_due).order_by(Payment.polls))
    assert values(asked) == [(0, True), (0, True), (1, False)]
    shop.gateway.clear()
    work.poll_payments()
    ask(shop, session)
    assert sorted(session.scalars(select(Payment.status))) == ["captured"] * 3


def test_one_payment_that_razorpay_will_not_tell_of_hides_no_other(shop, session, monkeypatch):
    shop.product("ring", 2)
    hidden, open_one = purchase(shop, ring=1), purchase(shop, ring=1)
    for bought in (hidden, open_one):
        bought.pay()
    attempts = Razorpay.attempts

    def tell(api, order_id):
        if order_id == hidden.opened["razorpay_order_id"]:
            raise GatewayRefused
        return attempts(api, order_id)

    with monkeypatch.context() as patch:
        patch.setattr(Razorpay, "attempts", tell)
        ask(shop, session)

    assert (hidden.status, open_one.status) == (("pending", "pending"), ("confirmed", "captured"))
    # Perhaps with wrong keys: a person has to see to it.
    assert alerts(session) == [("poll_refused", "razorpay", True)]


def test_one_run_asks_about_so_many_and_the_next_about_the_rest(shop, session, monkeypatch):
    shop.product("ring", 5)
    for _ in range(5):
        purchase(shop, ring=1).pay()
    monkeypatch.setattr(poll, "MOST_PER_RUN", 3)
    let_time_pass(session)

    assert [poll.poll_payments(), poll.poll_payments(), poll.poll_payments()] == [3, 2, 0]

    assert sorted(session.scalars(select(Payment.status))) == ["captured"] * 5


@pytest.mark.parametrize(
    "nonsense", [None, {}, {"status": "captured"}, {"order_id": "order_1", "status": ["captured"]}]
)
def test_what_cannot_be_read_stops_nobody(shop, session, bought, monkeypatch, nonsense):
    bought.pay()
    told = gateway_named("razorpay")._client.order
    payments = told.payments
    monkeypatch.setattr(
        told, "payments", lambda *a, **k: {"items": [nonsense, *payments(*a, **k)["items"]]}
    )

    ask(shop, session)

    assert bought.status == ("confirmed", "captured")


def test_a_try_of_an_order_that_is_not_ours_stops_nobody(shop, session, bought, monkeypatch):
    bought.pay()
    attempts = Razorpay.attempts
    monkeypatch.setattr(
        Razorpay,
        "attempts",
        lambda *args: [
            replace(attempts(*args)[0], gateway_order_id="order_EKwxwAgItmmXdp"),
            *attempts(*args),
        ],
    )

    ask(shop, session)

    assert bought.status == ("confirmed", "captured")


def test_what_a_bank_authorised_late_is_found(shop, session, bought):
    tried = bought.pay("failed", reason="payment_timed_out")
    ask(shop, session)
    assert bought.status == ("pending", "failed")

    assert bought.pay("captured", payment_id=tried) == tried
    ask(shop, session)

    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


def test_cash_is_asked_about_by_nobody(shop, session):
    shop.product("ring", 1)
    buyer = shop.customer()
    order_id = buyer.check_out(ring=1).json["id"]
    buyer.post(f"/api/v1/orders/{order_id}/payments", {"gateway": "cash_on_delivery"})

    assert values(session.execute(select(Payment.gateway, Payment.next_poll_at))) == [
        ("cash_on_delivery", None)
    ]
