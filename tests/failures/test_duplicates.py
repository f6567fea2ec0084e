"""One payment that was taken for two, as others have sold, mailed, credited or paid out twice."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.config import load_settings
from app.payments.models import Payment, PaymentAttempt
from app.treasury import audit
from app.webhooks.models import WebhookEvent
from tests.builders import values
from tests.crashes.child import dies, work
from tests.failures.polling import poll
from tests.failures.soundness import assert_sound
from tests.failures.together import all_at_once, finish
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    announced,
    events,
    given_back,
    make_due,
    purchase,
    refunds,
    sales,
)
from tests.races.length import is_long
from workers.drain import drain
from workers.payments import poll_payments
from workers.webhooks import prune_events

ROUNDS = 100 if is_long() else 25


@pytest.fixture
def bought(shop):
    shop.product("ring", 3)
    return purchase(shop, ring=1)


def verify(bought, triple):
    """Come back from the checkout, in a browser of one's own."""
    browser = replace(bought.buyer, client=bought.shop.app.test_client())
    return browser.post("/api/v1/payments/verify", triple)


def assert_paid_once(shop, session, bought):
    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert announced(session, "order.confirmed") == 1
    assert refunds(session) == []
    assert audit.totals(session) == audit.Totals(bought.total, 0, 0, bought.total)
    assert_sound(shop, session)


def test_a_callback_and_webhooks_at_once_make_one_entry(shop, session, monkeypatch):
    """razorpay-woocommerce#167"""
    monkeypatch.setattr("workers.drain.LARGE_BATCHES", {"webhooks": 1})
    shop.product("ring", ROUNDS)
    orders = [purchase(shop, ring=1) for _ in range(ROUNDS)]

    for bought in orders:
        triple = shop.gateway.pay(bought.opened["razorpay_order_id"])
        paid = triple["razorpay_payment_id"]
        told = [bought.event(name, paid) for name in ("payment.captured", "order.paid")]
        is_its = Payment.order_id == bought.order_id
        session.execute(update(Payment).where(is_its).values(next_poll_at=func.now()))
        all_at_once([
            lambda bought=bought, triple=triple: verify(bought, triple),
            *(lambda delivery=delivery: shop.deliver(delivery) for delivery in told),
            *[lambda: drain("webhooks")] * 2,
            poll_payments,
        ])  # fmt: skip
    finish(shop, session)

    assert {bought.status for bought in orders} == {("confirmed", "captured")}
    assert sales(session) == sorted((f"sale:{bought.order_id}:RING", -1) for bought in orders)
    assert announced(session, "order.confirmed") == ROUNDS
    assert refunds(session) == []
    assert session.scalars(select(Payment.verified_at.is_(None)).distinct()).all() == [False]
    assert_sound(shop, session)


def test_what_is_told_again_days_later_is_still_the_same_payment(shop, session, bought):
    """razorpay-magento#283, #291: duplicates survive any delay, so that none is relied on"""
    delivery = bought.event("payment.captured", bought.pay())
    shop.deliver(delivery)
    shop.work()

    session.execute(update(WebhookEvent).values(received_at=func.now() - timedelta(days=4_000)))
    prune_events()
    assert events(session) == []
    assert shop.deliver(delivery).status_code == 200
    shop.work()

    assert_paid_once(shop, session, bought)


def test_no_second_row_of_a_payment_can_be_written_and_no_second_one_be_kept(shop, session, bought):
    """razorpay-magento#208, #211"""
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()
    row = {
        column.name: getattr(session.get_one(PaymentAttempt, paid), column.name)
        for column in PaymentAttempt.__table__.columns
    }

    for changes in ({}, {"gateway_payment_id": "pay_another"}):
        with pytest.raises(IntegrityError):
            session.execute(PaymentAttempt.__table__.insert().values(row | changes))

    assert_paid_once(shop, session, bought)


@pytest.mark.parametrize("names", [("payment.captured", "order.paid"), ("order.paid",) * 2])
def test_two_events_a_second_apart_make_one_order(shop, session, bought, names):
    """razorpay-prestashop#64"""
    paid = bought.pay()

    for name in names:
        bought.tell(name, paid)
        shop.work()

    assert events(session) == [(name, "processed", None) for name in names]
    assert_paid_once(shop, session, bought)


def test_events_of_different_ids_credit_one_payment_once(shop, session, bought, monkeypatch):
    """Vacademy-io/vacademy_platform#1973"""
    monkeypatch.setattr("workers.drain.LARGE_BATCHES", {"webhooks": 1})
    paid = bought.pay()
    told = [bought.event(name, paid) for name in ("payment.captured", "order.paid") * 4]

    all_at_once([
        *(lambda delivery=delivery: shop.deliver(delivery) for delivery in told),
        *[lambda: drain("webhooks")] * 3,
    ])  # fmt: skip
    finish(shop, session)

    assert [status for _, status, _ in events(session)] == ["processed"] * len(told)
    assert_paid_once(shop, session, bought)


@pytest.mark.parametrize("is_renamed", [False, True], ids=["as it was", "under another event id"])
def test_a_delivery_that_somebody_sends_again_pays_out_nothing(shop, session, bought, is_renamed):
    """anurag3407/career-pilot#4378"""
    delivery = bought.event("payment.captured", bought.pay())
    shop.deliver(delivery)
    shop.work()

    # The id is a header, which no signature covers.
    again = replace(delivery, event_id="another1234567") if is_renamed else delivery
    answers = [shop.deliver(again).status_code for _ in range(3)]
    shop.work()

    assert answers == [200, 200, 200]
    assert_paid_once(shop, session, bought)


def test_a_callback_that_is_sent_again_answers_the_same_and_pays_out_nothing(shop, session, bought):
    """anurag3407/career-pilot#4378"""
    triple = shop.gateway.pay(bought.opened["razorpay_order_id"])
    before = verify(bought, triple)
    poll(shop, session)

    again = [verify(bought, triple) for _ in range(3)]
    shop.work()

    assert (before.status_code, before.json["status"]) == (200, "created")
    assert [answer.status_code for answer in again] == [200, 200, 200]
    assert [answer.json for answer in again] == [before.json | {"status": "captured"}] * 3
    assert_paid_once(shop, session, bought)


def test_who_promised_cash_and_pays_online_as_well_pays_once(shop, session, bought):
    """razorpay-woocommerce#167, razorpay-prestashop#1: both of two ways to pay an order are gone"""
    path = f"/api/v1/orders/{bought.order_id}/payments"
    promised = bought.buyer.post(path, {"gateway": "cash_on_delivery"}).json["payment_id"]
    online, again = bought.pay(), bought.paid_again()
    bought.tell("payment.captured", online)
    bought.tell("payment.captured", again, order_id=bought.opened["razorpay_order_id"])
    shop.work()
    assert given_back(shop, again) == [(bought.total, "processed")]

    boss = shop.customer(role="admin")
    brought = boss.post(f"/api/v1/admin/payments/{promised}/capture")
    shop.work()

    assert brought.status_code == 200
    cash = f"cod_{promised}"
    assert refunds(session) == [
        (again, bought.total, "processed", "second_capture"),
        (cash, bought.total, "pending", "second_capture"),
    ]
    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert audit.totals(session) == audit.Totals(
        3 * bought.total, 2 * bought.total, 0, bought.total
    )
    assert audit.findings(session) == []
    assert_balanced(session)


def test_a_worker_that_dies_again_and_again_sends_one_mail(shop, session, bought):
    """razorpay-opencart#120: 70 notices, one each 5 seconds"""
    delivery = bought.event("payment.captured", bought.pay())
    before = letters()

    for point in ("capture: before Redis settles", *["capture: before the job is done"] * 3):
        assert shop.deliver(delivery).status_code == 200
        dies(point, work, "webhooks")
        make_due(session)
    for queue in ("announcements", "mail"):
        dies("capture: before the job is done", work, queue)
        make_due(session)
    finish(shop, session)

    names = [name.rpartition(".")[0].rpartition(".")[0] for name in letters() - before]
    assert sorted(names) == [
        f"{event}.{bought.order_id}" for event in ("order.confirmed", "order.placed")
    ]
    assert_paid_once(shop, session, bought)


def letters():
    folder = Path(urlsplit(load_settings().mail_url).path)
    return {letter.name for letter in folder.glob("*")}


def test_two_webhooks_at_once_write_one_row(shop, session, monkeypatch):
    """razorpay-magento#505"""
    monkeypatch.setattr("workers.drain.LARGE_BATCHES", {"webhooks": 1})
    shop.product("ring", ROUNDS)
    orders = [purchase(shop, ring=1) for _ in range(ROUNDS)]
    tries = []
    for bought in orders:
        paid = bought.pay()
        tries.append(paid)
        bought.tell("payment.authorized", paid, status="authorized", captured=False)
        bought.tell("payment.captured", paid)

    all_at_once([lambda: drain("webhooks")] * 4)
    finish(shop, session)

    columns = PaymentAttempt.gateway_payment_id, PaymentAttempt.status, PaymentAttempt.outcome
    assert sorted(values(session.execute(select(*columns)))) == sorted(
        (paid, "captured", "kept") for paid in tries
    )
    assert {bought.status for bought in orders} == {("confirmed", "captured")}
    assert_sound(shop, session)


def test_a_pay_button_that_is_pressed_many_times_at_once_opens_one_payment(shop, session):
    """razorpay-magento#505, razorpay-woocommerce#167"""
    shop.product("ring", 1)
    buyer = shop.customer()
    order_id = buyer.check_out(ring=1).json["id"]

    opened = all_at_once([
        lambda: replace(buyer, client=shop.app.test_client()).open_payment(order_id)
    ] * 6)  # fmt: skip

    assert len({answer["razorpay_order_id"] for answer in opened}) == 1
    assert values(session.execute(select(Payment.gateway, Payment.gateway_order_id))) == [
        ("razorpay", opened[0]["razorpay_order_id"])
    ]
    paid = shop.gateway.pay(opened[0]["razorpay_order_id"])["razorpay_payment_id"]
    shop.deliver(shop.gateway.event("payment.captured", shop.gateway.payment(paid)))
    shop.work()
    assert buyer.order(order_id)["status"] == "confirmed"
    assert given_back(shop, paid) == []
    assert_sound(shop, session)
