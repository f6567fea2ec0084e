"""A capture is told, in whatever words, order and number: the order is confirmed once."""

import pytest
from sqlalchemy import select

from app.core.jobs import Job
from app.orders.models import OrderTransition
from app.payments.models import PaymentAttempt
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    announced,
    events,
    open_jobs,
    purchase,
    refunds,
    sales,
)


def assert_sold_once(session, bought):
    """One sale of one ring, one mail, nothing given back and nothing left to do."""
    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert (announced(session, "order.confirmed"), open_jobs(session)) == (1, [])
    assert refunds(session) == []
    assert_balanced(session)


def test_a_capture_confirms_the_order(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    paid = bought.pay()

    bought.tell("payment.captured", paid)
    shop.work()

    assert_sold_once(session, bought)
    assert values(
        session.execute(
            select(
                OrderTransition.from_status,
                OrderTransition.to_status,
                OrderTransition.actor,
                OrderTransition.reason,
            ).order_by(OrderTransition.id)
        )
    ) == [("pending", "confirmed", "razorpay", "payment captured")]
    assert values(
        session.execute(
            select(
                PaymentAttempt.gateway_payment_id,
                PaymentAttempt.status,
                PaymentAttempt.amount,
                PaymentAttempt.currency,
                PaymentAttempt.method,
                PaymentAttempt.outcome,
            )
        )
    ) == [(paid, "captured", bought.total, "INR", "upi", "kept")]


@pytest.mark.parametrize(
    "names",
    [
        ("payment.captured", "order.paid"),
        ("order.paid", "payment.captured"),
        ("order.paid",),
        ("payment.authorized", "payment.captured", "order.paid"),
        ("payment.captured", "payment.authorized"),
        ("order.paid", "payment.authorized", "payment.captured"),
        ("payment.captured", "payment.failed"),
        ("payment.failed", "payment.authorized", "payment.captured"),
    ],
    ids=", ".join,
)
@pytest.mark.parametrize("is_worked_between", [True, False], ids=["one by one", "all at once"])
def test_the_events_of_one_payment_have_one_effect_in_any_order(
    shop, session, names, is_worked_between
):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    paid = bought.pay()

    for name in names:
        bought.tell(name, paid)
        if is_worked_between:
            shop.work("webhooks")
    shop.work()

    assert_sold_once(session, bought)
    assert events(session) == [(name, "processed", None) for name in names]


def test_one_event_delivered_sixteen_times_has_one_effect(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    delivery = bought.event("payment.captured", bought.pay())

    for _ in range(16):
        assert shop.deliver(delivery).status_code == 200
        shop.work()

    assert_sold_once(session, bought)
    assert events(session) == [("payment.captured", "processed", None)]


def test_sixteen_events_of_one_capture_have_one_effect(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    paid = bought.pay()

    for _ in range(16):
        bought.tell("payment.captured", paid)
    shop.work()
    shop.work()

    assert_sold_once(session, bought)
    assert events(session) == [("payment.captured", "processed", None)] * 16


def test_a_payment_that_failed_and_then_was_captured_confirms_the_order(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    tried = bought.pay("failed", reason="payment_timed_out")
    bought.tell("payment.failed", tried)
    shop.work()
    assert bought.status == ("pending", "failed")

    assert bought.pay("captured", payment_id=tried) == tried
    bought.tell("payment.captured", tried)
    shop.work()

    assert_sold_once(session, bought)


def test_a_failure_told_after_the_capture_is_old_news(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()

    bought.tell("payment.failed", paid, status="failed", error_reason="payment_timed_out")
    shop.work()

    assert_sold_once(session, bought)
    columns = PaymentAttempt.status, PaymentAttempt.outcome, PaymentAttempt.error_reason
    assert values(session.execute(select(*columns))) == [("captured", "kept", None)]


def test_an_authorised_payment_confirms_nothing(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)

    bought.tell("payment.authorized", bought.pay("authorized"))
    shop.work()

    assert bought.status == ("pending", "authorized")
    assert sales(session) == []
    assert_balanced(session)


def test_an_order_of_two_products_is_sold_whole(shop, session):
    shop.product("ring", 3)
    shop.product("chain", 2)
    bought = purchase(shop, ring=2, chain=1)

    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [
        (f"sale:{bought.order_id}:CHAIN", -1),
        (f"sale:{bought.order_id}:RING", -2),
    ]
    assert (shop.on_hand("ring"), shop.on_hand("chain")) == (1, 1)
    assert_balanced(session)


def test_a_paid_cart_is_cleared_only_of_what_was_bought(shop, session):
    shop.product("ring", 9)
    shop.product("chain", 9)
    shop.product("anklet", 9)
    buyer = shop.customer()
    buyer.put("/api/v1/cart/items/RING", {"quantity": 2})
    buyer.put("/api/v1/cart/items/CHAIN", {"quantity": 1})
    bought = purchase(shop, buyer)
    buyer.put("/api/v1/cart/items/RING", {"quantity": 3})
    buyer.put("/api/v1/cart/items/ANKLET", {"quantity": 1})

    bought.tell("payment.captured", bought.pay())
    shop.work()

    cart = buyer.get("/api/v1/cart").json
    assert {line["sku"]: line["quantity"] for line in cart["lines"]} == {"RING": 1, "ANKLET": 1}
    assert_balanced(session)


def test_what_is_bought_at_once_leaves_the_cart_alone(shop, session):
    shop.product("ring", 9)
    buyer = shop.customer()
    buyer.put("/api/v1/cart/items/RING", {"quantity": 2})
    bought = purchase(shop, buyer, ring=1)

    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert bought.status == ("confirmed", "captured")
    cart = buyer.get("/api/v1/cart").json
    assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [("RING", 2)]


def test_a_repeated_job_of_a_confirmed_order_does_nothing_new(shop, session):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    session.execute(Job.__table__.update().values(done_at=None))
    session.execute(Job.__table__.update().values(due_at=Job.created_at))
    shop.work()

    assert_sold_once(session, bought)
