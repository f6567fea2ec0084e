"""Refunds that were booked twice, lost, impossible or shown before they were true."""

import pytest
import requests
from sqlalchemy import func, select

import sandbox.refunds
from app.payments.models import Refund
from app.treasury import audit
from tests.builders import values
from tests.failures.account import on_the_dashboard
from tests.failures.polling import poll
from tests.failures.soundness import assert_sound
from tests.failures.together import all_at_once, finish
from tests.payments.purchase import (
    expire,
    given_back,
    make_due,
    purchase,
    refunds,
    sales,
)


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


@pytest.fixture
def bought(shop):
    shop.product("ring", 2)
    return purchase(shop, ring=1)


@pytest.fixture
def paid(shop, bought):
    """The capture that pays for the order."""
    payment_id = bought.pay()
    bought.tell("payment.captured", payment_id)
    shop.work()
    return payment_id


@pytest.fixture
def unwanted(shop, session, bought):
    """A capture that has to go back, of an order whose units are gone; nobody was asked yet."""
    expire(session, bought.order_id)
    purchase(shop, ring=2)
    payment_id = bought.pay()
    bought.tell("payment.captured", payment_id)
    shop.work("webhooks")
    return payment_id


def ask_for(boss, bought, reference, amount=None):
    path = f"/api/v1/admin/payments/{bought.opened['payment_id']}/refunds"
    return boss.post(path, {"amount": amount, "reason": "too small", "reference": reference})


def tell(shop, name, payment_id):
    """Bring an event of each refund of a payment to the door, as the gateway knows it."""
    for refund in shop.gateway.books()["refunds"]:
        if refund["payment_id"] == payment_id:
            event = shop.gateway.event(name, shop.gateway.payment(payment_id), refund=refund)
            assert shop.deliver(event).status_code == 200


def alerts(boss):
    found = boss.get("/api/v1/admin/alerts?open=1").json["items"]
    return [(alert["kind"], alert["subject"]) for alert in found]


def dashboard_refund(shop, payment_id, amount):
    return on_the_dashboard(shop.gateway.url, f"payments/{payment_id}/refund", amount=amount)


def test_the_echo_of_a_refund_of_ours_is_not_booked_again(shop, session, boss, bought, paid):
    """razorpay-woocommerce PR#153"""
    assert ask_for(boss, bought, "r-1", 40_000).status_code == 202
    shop.work()

    for name in ("refund.created", "refund.processed", "refund.created"):
        tell(shop, name, paid)
    shop.work()

    assert refunds(session) == [(paid, 40_000, "processed", "too small")]
    assert given_back(shop, paid) == [(40_000, "processed")]
    assert bought.status == ("confirmed", "partially_refunded")
    assert_sound(shop, session, **{paid: [40_000]})


def test_a_refund_that_somebody_made_on_the_dashboard_is_booked_once(
    shop, session, boss, bought, paid
):
    """razorpay-woocommerce PR#153"""
    assert ask_for(boss, bought, "r-1", 40_000).status_code == 202
    shop.work()
    dashboard_refund(shop, paid, 15_000)

    for name in ("refund.processed", "refund.created", "refund.processed"):
        tell(shop, name, paid)
    shop.work()

    assert refunds(session) == [
        (paid, 40_000, "processed", "too small"),
        (paid, 15_000, "processed", "made at the gateway"),
    ]
    whose = select(Refund.is_ours, Refund.actor.startswith("staff:")).order_by(Refund.created_at)
    assert values(session.execute(whose)) == [(True, True), (False, False)]
    assert_sound(shop, session, **{paid: [40_000, 15_000]})


def test_a_capture_that_was_given_back_in_part_on_the_dashboard_goes_back_no_further_than_whole(
    shop, session, bought, unwanted
):
    """razorpay-woocommerce PR#153"""
    dashboard_refund(shop, unwanted, 5_000)
    tell(shop, "refund.processed", unwanted)
    shop.work("webhooks")
    finish(shop, session)

    assert sorted(given_back(shop, unwanted)) == [
        (5_000, "processed"),
        (bought.total - 5_000, "processed"),
    ]
    assert bought.status == ("expired", "refunded")
    assert audit.totals(session) == audit.Totals(bought.total, bought.total, 0, 0)
    assert_sound(shop, session, **{unwanted: [5_000, bought.total - 5_000]})


@pytest.mark.parametrize("brings_its_payment", [True, False])
def test_a_refund_that_is_told_before_its_capture_brings_the_capture_along(
    shop, session, bought, brings_its_payment
):
    """razorpay-woocommerce PR#153: a refund of what nobody had heard was paid"""
    payment_id = bought.pay()
    bought.tell("payment.authorized", payment_id, status="authorized", captured=False)
    shop.work()
    refund = dashboard_refund(shop, payment_id, 15_000)
    told = shop.gateway.event("refund.processed", shop.gateway.payment(payment_id), refund=refund)
    if not brings_its_payment:
        payload = {"refund": {"entity": refund}}
        told = shop.gateway.deliver_of({"event": "refund.processed", "payload": payload})

    assert shop.deliver(told).status_code == 200
    shop.work()

    assert refunds(session) == [(payment_id, 15_000, "processed", "made at the gateway")]
    assert bought.status == ("confirmed", "partially_refunded")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_sound(shop, session, **{payment_id: [15_000]})


@pytest.mark.parametrize("fault", [{"reset_after": True}, {"json_500": True}], ids=str)
def test_a_refund_of_which_the_answer_was_lost_is_known_by_its_receipt(
    shop, session, bought, unwanted, fault
):
    """juspay/hyperswitch#5298, #3751"""
    shop.gateway.fault(route="refunds.create", **fault)
    shop.work("payments")
    shop.gateway.clear()
    is_given_back = "reset_after" in fault
    assert given_back(shop, unwanted) == [(bought.total, "processed")] * is_given_back
    assert session.scalars(select(Refund.gateway_refund_id)).all() == [None]
    assert refunds(session) == [(unwanted, bought.total, "pending", "sold_out")]

    tell(shop, "refund.processed", unwanted)
    shop.work()
    poll(shop, session)
    make_due(session)
    finish(shop, session)

    [at_gateway] = [r for r in shop.gateway.books()["refunds"] if r["payment_id"] == unwanted]
    columns = Refund.gateway_refund_id, Refund.amount, Refund.status, Refund.is_ours
    assert values(session.execute(select(*columns))) == [
        (at_gateway["id"], bought.total, "processed", True)
    ]
    assert bought.status == ("expired", "refunded")
    assert_sound(shop, session)


def test_a_refund_that_hangs_at_the_gateway_is_not_asked_for_twice(
    shop, session, bought, unwanted, monkeypatch
):
    """juspay/hyperswitch#5298: nobody promises that our key is remembered for so long"""
    monkeypatch.setattr(sandbox.refunds, "_earlier", lambda *_: None)
    shop.gateway.fault(route="refunds.create", refund_status="pending")
    shop.work("payments")
    for _ in range(3):
        poll(shop, session)
    assert given_back(shop, unwanted) == [(bought.total, "pending")]
    assert bought.status == ("expired", "captured")

    [pending] = [r for r in shop.gateway.books()["refunds"] if r["payment_id"] == unwanted]
    end(shop, pending["id"], "processed")
    poll(shop, session)

    assert given_back(shop, unwanted) == [(bought.total, "processed")]
    assert refunds(session) == [(unwanted, bought.total, "processed", "sold_out")]
    assert bought.status == ("expired", "refunded")
    assert_sound(shop, session)


def test_two_partial_refunds_and_the_rest_are_given_back_and_not_a_paisa_more(
    shop, session, boss, bought, paid
):
    """razorpay-magento#279"""
    rest = bought.total - 30_000 - 20_000
    asked = [ask_for(boss, bought, f"r-{n}", amount) for n, amount in enumerate((30_000, 20_000))]
    shop.work()
    assert bought.status == ("confirmed", "partially_refunded")
    too_much = ask_for(boss, bought, "r-2", rest + 1)
    asked.append(ask_for(boss, bought, "r-3"))
    shop.work()
    nothing_left = [ask_for(boss, bought, "r-4", 1), ask_for(boss, bought, "r-3")]

    assert [answer.status_code for answer in asked] == [202, 202, 202]
    assert (too_much.status_code, too_much.json["code"], too_much.json["left"]) == (
        409, "refund_exceeds_capture", rest,
    )  # fmt: skip
    assert [answer.status_code for answer in nothing_left] == [409, 202]
    assert given_back(shop, paid) == [(n, "processed") for n in (30_000, 20_000, rest)]
    assert bought.status == ("confirmed", "refunded")
    assert_sound(shop, session, **{paid: [30_000, 20_000, rest]})


def test_refunds_that_are_asked_for_at_once_never_exceed_what_came(shop, session, bought, paid):
    """razorpay-magento#279"""
    half = bought.total // 2
    bosses = [shop.customer(role="admin") for _ in range(6)]

    answers = all_at_once([
        lambda boss=boss, n=n: ask_for(boss, bought, f"r-{n}", half).status_code
        for n, boss in enumerate(bosses)
    ])  # fmt: skip
    finish(shop, session)

    assert sorted(answers) == [202, 202, 409, 409, 409, 409]
    assert given_back(shop, paid) == [(half, "processed")] * 2
    assert_sound(shop, session, **{paid: [half, half]})


@pytest.mark.parametrize("fault", ["no_balance", "opaque_refusal"])
def test_a_refund_that_the_balance_does_not_cover_is_shown_to_nobody_as_done(
    shop, session, boss, bought, paid, fault
):
    """razorpay-node#414, #438, #454"""
    shop.gateway.fault(route="refunds.create", **{fault: True})
    refund_id = ask_for(boss, bought, "r-1", 40_000).json["id"]
    shop.work()
    poll(shop, session)

    assert refunds(session) == [(paid, 40_000, "pending", "too small")]
    assert bought.status == ("confirmed", "captured")
    assert alerts(boss) == [("refund_stuck", refund_id)]
    [waiting] = boss.get("/api/v1/admin/refunds?status=pending").json["items"]
    assert (waiting["id"], bool(waiting["last_error"])) == (refund_id, True)
    assert given_back(shop, paid) == []

    shop.gateway.clear()
    assert boss.post(f"/api/v1/admin/refunds/{refund_id}/retry").status_code == 202
    shop.work()

    assert refunds(session) == [(paid, 40_000, "processed", "too small")]
    assert bought.status == ("confirmed", "partially_refunded")
    assert alerts(boss) == []
    assert_sound(shop, session, **{paid: [40_000]})


def test_a_refund_that_the_balance_does_not_cover_is_made_once_it_does(
    shop, session, bought, unwanted
):
    """razorpay-node#414"""
    shop.gateway.fault(route="refunds.create", no_balance=True)
    shop.work("payments")
    for _ in range(12):
        poll(shop, session)
    assert (bought.status, given_back(shop, unwanted)) == (("expired", "captured"), [])
    longest = session.scalar(select(func.max(Refund.next_poll_at) - func.now()))
    assert longest.total_seconds() <= 6 * 3600

    shop.gateway.clear()
    poll(shop, session)

    assert given_back(shop, unwanted) == [(bought.total, "processed")]
    assert bought.status == ("expired", "refunded")
    assert_sound(shop, session)


def test_a_refund_that_the_bank_returns_is_asked_for_anew_by_a_person(
    shop, session, boss, bought, paid
):
    """razorpay-node#414"""
    shop.gateway.fault(route="refunds.create", refund_status="pending")
    refund_id = ask_for(boss, bought, "r-1", 40_000).json["id"]
    shop.work()
    shop.gateway.clear()
    [pending] = [r for r in shop.gateway.books()["refunds"] if r["payment_id"] == paid]
    end(shop, pending["id"], "failed")
    tell(shop, "refund.failed", paid)
    shop.work()
    assert bought.status == ("confirmed", "captured")
    assert alerts(boss) == [("refund_failed", refund_id)]

    assert boss.post(f"/api/v1/admin/refunds/{refund_id}/retry").status_code == 202
    assert boss.post(f"/api/v1/admin/refunds/{refund_id}/retry").status_code == 202
    shop.work()

    assert refunds(session) == [
        (paid, 40_000, "failed", "too small"),
        (paid, 40_000, "processed", "too small"),
    ]
    assert given_back(shop, paid) == [(40_000, "failed"), (40_000, "processed")]
    assert bought.status == ("confirmed", "partially_refunded")
    assert_sound(shop, session, **{paid: [40_000]})


def end(shop, gateway_refund_id, status):
    """Let the gateway bring a pending refund to its end, and tell nobody."""
    url = f"{shop.gateway.url}/sandbox/refunds/{gateway_refund_id}"
    body = {"status": status, "deliver": "none"}
    assert requests.post(url, json=body, timeout=10).status_code == 200
