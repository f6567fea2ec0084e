"""Money that comes late, or of which nobody tells: it buys what is left, or it goes back, once."""

from datetime import timedelta

import pytest
import requests
from sqlalchemy import func, select, update

from app.core.jobs import Job
from app.inventory.terms import Levels
from app.orders.models import Order
from app.payments.models import Payment, PaymentAttempt, Refund
from app.treasury import audit
from app.treasury.refund import send_refund
from tests.builders import values
from tests.failures.account import account
from tests.failures.polling import poll
from tests.failures.soundness import assert_sound
from tests.failures.together import all_at_once, finish
from tests.payments.purchase import (
    announced,
    events,
    expire,
    given_back,
    jobs_staged,
    late_payers,
    open_jobs,
    purchase,
    refunds,
    sales,
)
from workers.drain import drain

WORKERS = 8


@pytest.fixture
def bought(shop):
    shop.product("ring", 1)
    return purchase(shop, ring=1)


def lapse(shop, payment_id):
    """Let the time to capture a payment be over at the gateway, which gives it back by itself."""
    url = f"{shop.gateway.url}/sandbox/payments/{payment_id}/lapse"
    assert requests.post(url, timeout=10).status_code == 200


def tell_lapsed(shop, payment_id):
    """Bring the events of an automatic refund to the door."""
    [refund] = [r for r in shop.gateway.books()["refunds"] if r["payment_id"] == payment_id]
    for name in ("refund.created", "refund.processed"):
        event = shop.gateway.event(name, shop.gateway.payment(payment_id), refund=refund)
        assert shop.deliver(event).status_code == 200


def test_an_order_whose_callback_and_webhooks_are_lost_is_confirmed_all_the_same(
    shop, session, bought
):
    """razorpay-woocommerce#156, #181 (4-5 % of orders), #571; razorpay-opencart#57"""
    bought.pay()
    assert bought.status == ("pending", "pending")

    poll(shop, session)

    assert events(session) == []
    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert announced(session, "order.confirmed") == 1
    assert_sound(shop, session)


@pytest.mark.parametrize("hears_by", ["webhook", "poll"])
def test_an_order_that_the_timer_closed_lives_again_while_its_units_are_left(
    shop, session, bought, hears_by
):
    """razorpay-woocommerce#157"""
    expire(session, bought.order_id)
    paid = bought.pay()

    if hears_by == "webhook":
        bought.tell("payment.captured", paid)
        shop.work()
    else:
        poll(shop, session)

    assert bought.status == ("confirmed", "captured")
    assert given_back(shop, paid) == []
    assert shop.levels("ring") == Levels(0, 0, 0)
    assert_sound(shop, session)


@pytest.mark.parametrize("hears_by", ["webhook", "poll"])
def test_an_order_that_the_timer_closed_has_its_money_back_when_its_units_are_gone(
    shop, session, bought, hears_by
):
    """razorpay-woocommerce#157"""
    expire(session, bought.order_id)
    rival = purchase(shop, ring=1)
    rival.tell("payment.captured", rival.pay())
    shop.work()
    paid = bought.pay()

    if hears_by == "webhook":
        bought.tell("payment.captured", paid)
        shop.work()
    else:
        poll(shop, session)

    assert bought.status == ("expired", "refunded")
    assert given_back(shop, paid) == [(bought.total, "processed")]
    assert rival.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{rival.order_id}:RING", -1)]
    assert_sound(shop, session)


@pytest.mark.parametrize("hears_by", ["webhook", "poll"])
def test_a_page_that_was_left_open_for_hours_can_still_be_paid(shop, session, bought, hears_by):
    """razorpay-node#426: orders never expire at the gateway and cannot be cancelled there"""
    expire(session, bought.order_id)
    for table in (Order, Payment):
        session.execute(update(table).values(created_at=func.now() - timedelta(hours=20)))
    for _ in range(3):
        poll(shop, session)
    assert bought.status == ("expired", "pending")
    again = bought.buyer.post(f"/api/v1/orders/{bought.order_id}/payments")
    assert (again.status_code, again.json["code"]) == (409, "reservation_expired")

    paid = bought.pay()
    if hears_by == "webhook":
        bought.tell("order.paid", paid)
        shop.work()
    else:
        poll(shop, session)

    assert bought.status == ("confirmed", "captured")
    assert_sound(shop, session)


def test_the_last_seat_is_sold_to_one_of_two_who_paid_for_it(shop, session, monkeypatch):
    """fossunited/fossunited#1698"""
    monkeypatch.setattr("workers.drain.LARGE_BATCHES", {"webhooks": 1})
    shop.product("ring", 1)
    late = late_payers(shop, session)
    told = [bought.event("payment.captured", paid) for bought, paid in late]

    all_at_once([
        *(lambda delivery=delivery: shop.deliver(delivery) for delivery in told),
        *[lambda: drain("webhooks")] * 3,
    ])  # fmt: skip
    finish(shop, session)

    ended = sorted((*bought.status, given_back(shop, paid)) for bought, paid in late)
    assert ended == [
        ("confirmed", "captured", []),
        ("expired", "refunded", [(late[0][0].total, "processed")]),
    ]
    assert len(sales(session)) == 1
    assert_sound(shop, session)


@pytest.mark.parametrize("is_of_the_capture", [True, False], ids=["same try", "another try"])
def test_a_failure_that_is_told_after_the_capture_overwrites_nothing(
    shop, session, bought, is_of_the_capture
):
    """fossunited/fossunited#1698"""
    failed = bought.pay("failed")
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()

    bought.tell("payment.failed", paid if is_of_the_capture else failed, status="failed")
    shop.work()
    poll(shop, session)

    assert bought.status == ("confirmed", "captured")
    captured = select(PaymentAttempt.status, PaymentAttempt.outcome).where(
        PaymentAttempt.gateway_payment_id == paid
    )
    assert values(session.execute(captured)) == [("captured", "kept")]
    assert {status for _, status, _ in events(session)} == {"processed"}
    assert open_jobs(session) == []
    assert_sound(shop, session)


def test_many_workers_send_one_late_capture_back_once(shop, session, bought, monkeypatch):
    """flexprice/flexprice#2230"""
    monkeypatch.setattr("workers.drain.LARGE_BATCHES", {"webhooks": 1})
    monkeypatch.setattr("workers.drain.BATCH", 1)
    expire(session, bought.order_id)
    purchase(shop, ring=1)
    paid = bought.pay()
    for name in ("payment.captured", "order.paid", "payment.captured", "order.paid"):
        bought.tell(name, paid)

    all_at_once([lambda: drain("webhooks")] * WORKERS)
    finish_webhooks(shop, session)
    [refund] = session.scalars(select(Refund)).all()
    all_at_once([lambda: send_refund(refund.id)] * WORKERS)
    all_at_once([lambda: drain("payments")] * WORKERS)
    finish(shop, session)

    [at_gateway] = [r for r in shop.gateway.books()["refunds"] if r["payment_id"] == paid]
    assert (at_gateway["amount"], at_gateway["receipt"]) == (bought.total, str(refund.id))
    assert refunds(session) == [(paid, bought.total, "processed", "sold_out")]
    assert jobs_staged(session, "payments.refund") == 1
    assert bought.status == ("expired", "refunded")
    assert_sound(shop, session)


def finish_webhooks(shop, session):
    """Let the events that met each other be worked, and no refund be asked for yet."""
    while "webhooks.process" in open_jobs(session):
        waiting = Job.name == "webhooks.process", Job.done_at.is_(None)
        session.execute(update(Job).where(*waiting).values(due_at=func.now()))
        shop.work("webhooks")


@pytest.mark.parametrize("hears_by", ["webhook", "poll"])
def test_a_payment_that_is_only_authorised_ships_nothing_and_lapses(
    shop, session, bought, hears_by
):
    """razorpay-node#430: 10 to 20 of 80 payments stuck"""
    authorised = bought.pay("authorized")
    if hears_by == "webhook":
        bought.tell("payment.authorized", authorised)
        shop.work()
    else:
        poll(shop, session)
    assert bought.status == ("pending", "authorized")
    expire(session, bought.order_id)
    assert shop.levels("ring").available == 1

    lapse(shop, authorised)
    if hears_by == "webhook":
        tell_lapsed(shop, authorised)
        shop.work()
    else:
        poll(shop, session)

    assert bought.status == ("expired", "failed")
    assert values(session.execute(select(PaymentAttempt.status, PaymentAttempt.outcome))) == [
        ("lapsed", None)
    ]
    assert (sales(session), refunds(session)) == ([], [])
    assert {status for _, status, _ in events(session)} <= {"processed"}
    assert audit.totals(session) == audit.Totals(0, 0, 0, 0)
    assert_sound(shop, session)


@pytest.mark.parametrize("hears_by", ["webhook", "poll"])
def test_a_shop_that_captures_by_itself_takes_what_is_only_authorised(shop, session, hears_by):
    """razorpay-node#430"""
    shop.product("ring", 1)
    with account(payment_capture="manual"):
        bought = purchase(shop, ring=1)
        paid = bought.pay()
        assert shop.gateway.payment(paid)["status"] == "authorized"

        if hears_by == "webhook":
            bought.tell("payment.authorized", paid)
            shop.work()
        else:
            poll(shop, session)

    assert shop.gateway.payment(paid)["status"] == "captured"
    assert bought.status == ("confirmed", "captured")
    assert_sound(shop, session)


@pytest.mark.parametrize("end", ["cancelled", "expired"])
def test_a_shop_that_captures_by_itself_takes_nothing_for_what_it_cannot_deliver(
    shop, session, end
):
    """razorpay-node#430"""
    shop.product("ring", 1)
    with account(payment_capture="manual"):
        bought = purchase(shop, ring=1)
        if end == "cancelled":
            bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel")
        else:
            expire(session, bought.order_id)
            purchase(shop, ring=1)
        authorised = bought.pay()
        bought.tell("payment.authorized", authorised)
        shop.work()
        poll(shop, session)
        assert shop.gateway.payment(authorised)["status"] == "authorized"

        lapse(shop, authorised)
        tell_lapsed(shop, authorised)
        shop.work()

    assert bought.status == (end, "failed")
    assert (sales(session), refunds(session)) == ([], [])
    assert_sound(shop, session)
