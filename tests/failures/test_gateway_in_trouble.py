"""A gateway that says nothing, says nonsense, says no to what was done, or hangs up."""

from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from app.core.jobs import Job
from app.payments.models import Payment, PaymentAttempt
from tests.builders import values
from tests.failures.account import account, on_the_dashboard
from tests.failures.polling import poll
from tests.failures.proxy import proxy_to
from tests.failures.soundness import assert_sound
from tests.failures.street import open_street
from tests.failures.together import all_at_once, finish
from tests.payments.purchase import (
    events,
    expire,
    given_back,
    purchase,
    refunds,
    sales,
)
from tests.webhooks.outage import without_postgres
from workers.drain import drain

# The first delivery, one at once after a server's error, and those of a day.
TRIES = 1 + 1 + 14
SUCCESSES = ("payment.authorized", "payment.captured", "order.paid")


def test_what_is_not_told_while_the_webhook_is_off_is_found_by_asking(shop, session):
    """razorpay-magento#233, -prestashop#70, -python#286, -woocommerce#126"""
    shop.product("ring", 3)
    with open_street(shop, clock_factor=0.001) as street:
        told, untold, told_later = (purchase(street.shop, ring=1) for _ in range(3))
        told.pay(deliver="normal")
        assert street.take(3) == [200] * 3
        street.drive("webhook", enabled=False)
        untold.pay(deliver="normal")
        street.drive("webhook", enabled=True)
        told_later.pay(deliver="normal")
        assert street.take(3) == [200] * 3
        shop.work()
        assert [each.status[0] for each in (told, untold, told_later)] == [
            "confirmed", "pending", "confirmed",
        ]  # fmt: skip

        poll(street.shop, session)

        assert untold.status == ("confirmed", "captured")
        told_of = sorted((name, "processed", None) for name in SUCCESSES * 2)
        assert sorted(events(session)) == told_of
        assert len(sales(session)) == 3
        assert_sound(street.shop, session)


def test_a_webhook_that_failed_for_a_day_is_switched_off_and_nothing_is_lost(shop, session):
    """razorpay-magento#233: 500s for 24 hours, and then silence"""
    shop.product("ring", 2)
    with open_street(shop, clock_factor=1e-6) as street:
        during, afterwards = (purchase(street.shop, ring=1) for _ in range(2))
        with without_postgres():
            during.pay(deliver="normal")
            ended = street.wait_until_all_is_over()
        assert {state for state, _ in ended} == {"abandoned"}
        assert max(tries for _, tries in ended) == TRIES
        assert set(street.take(sum(tries for _, tries in ended))) == {503}
        assert not street.is_told()

        afterwards.pay(deliver="normal")
        assert (events(session), during.status, afterwards.status) == (
            [], ("pending", "pending"), ("pending", "pending"),
        )  # fmt: skip

        poll(street.shop, session)

        assert street.answers.empty()
        assert during.status == afterwards.status == ("confirmed", "captured")
        assert len(sales(session)) == 2
        assert_sound(street.shop, session)


def test_what_somebody_captured_already_counts_as_captured(shop, session):
    """frappe/press#1981, #2240; razorpay-woocommerce PR#73"""
    shop.product("ring", 1)
    with account(payment_capture="manual"):
        bought = purchase(shop, ring=1)
        paid = bought.pay()
        authorised = bought.event("payment.authorized", paid)
        on_the_dashboard(
            shop.gateway.url, f"payments/{paid}/capture", amount=bought.total, currency="INR"
        )

        shop.deliver(authorised)
        shop.work()

    assert events(session) == [("payment.authorized", "processed", None)]
    assert bought.status == ("confirmed", "captured")
    assert_sound(shop, session)


def test_many_who_capture_one_payment_at_once_all_succeed(shop, session, monkeypatch):
    """frappe/press#1981"""
    monkeypatch.setattr("workers.drain.LARGE_BATCHES", {"webhooks": 1})
    shop.product("ring", 1)
    with account(payment_capture="manual"):
        bought = purchase(shop, ring=1)
        paid = bought.pay()
        for _ in range(4):
            bought.tell("payment.authorized", paid)

        all_at_once([lambda: drain("webhooks")] * 4)
        is_event = Job.name == "webhooks.process"
        assert set(session.scalars(select(Job.last_error).where(is_event))) == {None}
        finish(shop, session)

    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_sound(shop, session)


@pytest.mark.parametrize("order_id", ["order_ofAnotherShop", None], ids=["another's", "none"])
@pytest.mark.parametrize("name", [*SUCCESSES, "payment.failed"])
def test_an_event_about_an_order_that_is_not_ours_is_answered_and_ignored(
    shop, session, name, order_id
):
    """frappe/press#2240, razorpay-magento#261"""
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    paid = bought.pay()

    told = bought.event(name, paid, order_id=order_id)
    assert shop.deliver(told).status_code == 200
    shop.work()
    assert events(session) == [(name, "ignored", "not an order of this shop")]
    assert bought.status == ("pending", "pending")

    bought.tell("payment.captured", paid)
    shop.work()
    assert bought.status == ("confirmed", "captured")
    assert_sound(shop, session)


FAULTS = pytest.mark.parametrize("fault", ["html_502", "json_500"])


@FAULTS
@pytest.mark.parametrize("route", ["orders.all", "orders.create"], ids=["GET", "POST"])
def test_a_payment_opens_though_the_gateway_fails_twice(shop, session, fault, route):
    """razorpay-python#306, #295; razorpay-node#441"""
    shop.product("ring", 1)
    buyer = shop.customer()
    order_id = buyer.check_out(ring=1).json["id"]
    shop.gateway.fault(route=route, next_n=2, **{fault: True})

    opened = buyer.open_payment(order_id)

    receipts = [order["receipt"] for order in shop.gateway.books()["orders"]]
    assert receipts.count(opened["payment_id"]) == 1
    assert_sound(shop, session)


@FAULTS
def test_a_payment_that_cannot_be_opened_now_is_opened_later(shop, session, redis, fault):
    """razorpay-python#306, #295"""
    shop.product("ring", 1)
    buyer = shop.customer()
    order_id = buyer.check_out(ring=1).json["id"]
    shop.gateway.fault(route="orders.create", **{fault: True})

    refused = buyer.post(f"/api/v1/orders/{order_id}/payments")
    assert (refused.status_code, refused.json["code"]) == (503, "gateway_unavailable")
    assert refused.headers["Retry-After"] == "5"
    shop.gateway.clear()
    opened = buyer.open_payment(order_id)

    assert values(session.execute(select(Payment.gateway_order_id))) == [
        (opened["razorpay_order_id"],)
    ]
    assert_sound(shop, session)


@FAULTS
@pytest.mark.parametrize("times", [2, 9], ids=["passing", "for longer"])
def test_a_poll_that_meets_a_fault_finds_the_capture_in_the_end(shop, session, redis, fault, times):
    """razorpay-python#306: 500, 502 and 504 on plain GETs"""
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    bought.pay()
    shop.gateway.fault(route="orders.payments", next_n=times, **{fault: True})

    for _ in range(1 + times // 3):
        poll(shop, session)
        forget_the_breaker(redis)

    assert bought.status == ("confirmed", "captured")
    assert_sound(shop, session)


@FAULTS
@pytest.mark.parametrize("times", [2, 9], ids=["passing", "for longer"])
def test_a_refund_that_meets_a_fault_is_made_in_the_end(shop, session, redis, fault, times):
    """razorpay-python#306: on POSTs as well"""
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    expire(session, bought.order_id)
    purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.gateway.fault(route="refunds.create", next_n=times, **{fault: True})

    shop.work()
    for _ in range(times // 3):
        forget_the_breaker(redis)
        poll(shop, session)

    assert given_back(shop, paid) == [(bought.total, "processed")]
    assert refunds(session) == [(paid, bought.total, "processed", "sold_out")]
    assert_sound(shop, session)


@FAULTS
def test_a_capture_that_meets_a_fault_is_made_in_the_end(shop, session, fault):
    """razorpay-python#295"""
    shop.product("ring", 1)
    with account(payment_capture="manual"):
        bought = purchase(shop, ring=1)
        paid = bought.pay()
        shop.gateway.fault(route="payments.capture", next_n=2, **{fault: True})
        bought.tell("payment.authorized", paid)
        shop.work()

    assert bought.status == ("confirmed", "captured")
    assert values(session.execute(select(PaymentAttempt.status, PaymentAttempt.outcome))) == [
        ("captured", "kept")
    ]
    assert_sound(shop, session)


def forget_the_breaker(redis):
    """Let the pause be over for which a gateway that fails is left alone."""
    for key in redis.scan_iter("breaker:*"):
        redis.delete(key)


@pytest.fixture
def proxy(shop):
    """A proxy before the gateway, through which the shop reaches it."""
    with (
        proxy_to(urlsplit(shop.gateway.url).port) as proxy,
        account(razorpay_api_url=proxy.url),
    ):
        yield proxy


def test_a_connection_that_was_closed_while_it_was_idle_costs_nobody_a_payment(
    shop, session, proxy
):
    """razorpay-python PR#308, #56: RemoteDisconnected on an idle keep-alive"""
    shop.product("ring", 2)
    first = purchase(shop, ring=1)
    assert proxy.hang_up() == 1

    second = purchase(shop, ring=1)
    assert (proxy.passed_on, proxy.dropped) == (["GET", "POST"] * 2, [])
    for bought in (first, second):
        bought.pay()
    assert proxy.hang_up() == 1
    poll(shop, session)

    assert {bought.status for bought in (first, second)} == {("confirmed", "captured")}
    assert_sound(shop, session)


def test_a_connection_that_is_closed_under_a_request_costs_nobody_a_payment(shop, session, proxy):
    """razorpay-python PR#308, #56"""
    shop.product("ring", 2)
    first = purchase(shop, ring=1)

    proxy.drops = 1
    second = purchase(shop, ring=1)
    assert (proxy.passed_on, proxy.dropped) == (["GET", "POST"] * 2, ["GET"])
    for bought in (first, second):
        bought.pay()
    proxy.drops = 1
    poll(shop, session)

    assert proxy.dropped == ["GET", "GET"]
    assert {bought.status for bought in (first, second)} == {("confirmed", "captured")}
    assert_sound(shop, session)


def test_a_connection_that_is_closed_under_a_refund_costs_no_second_one(shop, session, proxy):
    """razorpay-python PR#308, #56"""
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    expire(session, bought.order_id)
    purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work("webhooks")

    proxy.drops = 1
    shop.work("payments")

    assert proxy.dropped == ["POST"]
    assert given_back(shop, paid) == [(bought.total, "processed")]
    assert bought.status == ("expired", "refunded")
    assert_sound(shop, session)
