"""Captures that cannot pay for their order: each goes back, and the order stays as it was."""

import pytest
from sqlalchemy import select

from app.inventory.terms import Levels
from app.payments.models import PaymentAttempt
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    announced,
    events,
    given_back,
    lose_the_unit,
    open_jobs,
    purchase,
    refunds,
    sales,
)
from tests.treasury.money import alerts


def tries(session):
    """Every try: how it stands, what became of it and what counts as gone back."""
    columns = (
        PaymentAttempt.gateway_payment_id,
        PaymentAttempt.status,
        PaymentAttempt.outcome,
        PaymentAttempt.amount_refunded,
    )
    return values(session.execute(select(*columns).order_by(PaymentAttempt.created_at)))


def test_a_second_capture_of_a_paid_order_goes_back(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    first, second = bought.pay(), bought.paid_again()
    bought.tell("payment.captured", first)
    shop.work()

    bought.tell("payment.captured", second, order_id=bought.opened["razorpay_order_id"])
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert refunds(session) == [(second, bought.total, "processed", "second_capture")]
    assert (given_back(shop, first), given_back(shop, second)) == (
        [],
        [(bought.total, "processed")],
    )
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert announced(session, "order.confirmed") == 1
    assert_balanced(session)


def test_two_captures_told_together_pay_once_and_go_back_once(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    first, second = bought.pay(), bought.paid_again()

    bought.tell("payment.captured", second, order_id=bought.opened["razorpay_order_id"])
    bought.tell("payment.captured", first)
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert given_back(shop, first) == [(bought.total, "processed")]
    assert given_back(shop, second) == []
    assert_balanced(session)


def test_what_razorpay_gives_back_by_itself_is_no_refund_of_the_sale(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()
    second = bought.pay()
    refund = next(r for r in shop.gateway.books()["refunds"] if r["payment_id"] == second)
    payment = shop.gateway.payment(second)

    bought.tell("payment.authorized", second, status="authorized")
    for name in ("refund.created", "refund.processed"):
        shop.deliver(shop.gateway.event(name, payment, refund=refund))
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert refunds(session) == []
    assert open_jobs(session) == []
    assert events(session) == [
        ("payment.captured", "processed", None),
        ("payment.authorized", "processed", None),
        ("refund.created", "processed", None),
        ("refund.processed", "processed", None),
    ]
    assert tries(session) == [(paid, "captured", "kept", 0), (second, "lapsed", None, 0)]
    assert_balanced(session)


def test_an_authorisation_that_lapses_leaves_the_order_to_be_paid(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    tried = bought.pay("failed", reason="payment_timed_out")
    bought.tell("payment.authorized", tried, status="authorized")
    shop.work()
    assert bought.status == ("pending", "authorized")

    # Given back by Razorpay, and never captured.
    refund = {
        "id": "rfnd_FS8TWyPrCsa0OB", "entity": "refund", "amount": bought.total, "currency": "INR",
        "payment_id": tried, "notes": [], "receipt": None, "status": "processed",
    }  # fmt: skip
    payment = shop.gateway.payment(tried) | {"status": "refunded", "captured": False}
    shop.deliver(shop.gateway.event("refund.processed", payment, refund=refund))
    shop.work()
    assert (bought.status, refunds(session)) == (("pending", "failed"), [])
    assert tries(session) == [(tried, "lapsed", None, 0)]

    bought.tell("payment.captured", bought.pay())
    shop.work()
    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


@pytest.mark.parametrize("name", ["payment.captured", "order.paid"])
@pytest.mark.parametrize("difference", [-100, 100], ids=["too little", "too much"])
def test_another_amount_than_the_price_goes_back(shop, session, name, difference):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    amount = bought.total + difference
    paid = bought.pay(amount=amount)

    bought.tell(name, paid)
    shop.work()

    assert bought.status == ("pending", "refunded")
    assert refunds(session) == [(paid, amount, "processed", "amount_mismatch")]
    assert given_back(shop, paid) == [(amount, "processed")]
    assert shop.levels("ring") == Levels(2, 1, 0)
    assert alerts(session) == [("amount_mismatch", paid, True)]
    assert_balanced(session)


def test_another_currency_than_rupees_goes_back(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    paid = bought.pay()

    bought.tell("payment.captured", paid, currency="USD")
    shop.work()

    assert bought.status == ("pending", "refunded")
    assert refunds(session) == [(paid, bought.total, "processed", "amount_mismatch")]
    assert_balanced(session)


def test_the_right_amount_after_a_wrong_one_confirms_the_order(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    wrong, right = bought.pay(amount=bought.total + 100), bought.paid_again()
    bought.tell("payment.captured", wrong)
    shop.work()

    bought.tell("payment.captured", right, order_id=bought.opened["razorpay_order_id"])
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert refunds(session) == [(wrong, bought.total + 100, "processed", "amount_mismatch")]
    assert_balanced(session)


@pytest.mark.parametrize("order_id", ["order_EKwxwAgItmmXdp", None], ids=["another's", "none"])
def test_a_capture_for_an_order_of_somebody_else_is_left_alone(shop, session, order_id):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)

    bought.tell("payment.captured", bought.pay(), order_id=order_id)
    shop.work()

    assert bought.status == ("pending", "pending")
    assert events(session) == [("payment.captured", "ignored", "not an order of this shop")]
    assert (refunds(session), open_jobs(session)) == ([], [])
    assert_balanced(session)


def test_what_postgres_does_not_have_is_not_sold_and_the_money_goes_back(shop, session):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    lose_the_unit(session)

    bought.tell("payment.captured", paid)
    shop.work()

    assert bought.status == ("pending", "refunded")
    assert refunds(session) == [(paid, bought.total, "processed", "sold_out")]
    assert given_back(shop, paid) == [(bought.total, "processed")]
    assert (shop.on_hand("ring"), shop.levels("ring")) == (0, Levels(0, 0, 0))
    assert sales(session) == [("a hand in the till", -1)]
    assert open_jobs(session) == []


def test_one_line_that_postgres_does_not_have_leaves_the_other_on_hand(shop, session):
    shop.product("chain", 1)
    shop.product("ring", 1)
    bought = purchase(shop, ring=1, chain=1)
    paid = bought.pay()
    lose_the_unit(session)

    bought.tell("payment.captured", paid)
    shop.work()

    assert bought.status == ("pending", "refunded")
    assert (shop.on_hand("chain"), shop.levels("chain").committed) == (1, 0)
    assert sales(session) == [("a hand in the till", -1)]
