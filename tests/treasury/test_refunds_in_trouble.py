"""A refund whose answer does not come, or comes too late, goes back once all the same."""

import pytest
import stamina
from sqlalchemy import select, update

import sandbox
from app.payments import calls
from app.payments.errors import GatewayRefused, GatewayUnavailable
from app.payments.gateway import gateway as gateway_named
from app.payments.models import Refund
from app.payments.razorpay import Razorpay
from tests.builders import values
from tests.payments.balance import assert_balanced
from tests.treasury.money import (
    alerts,
    ask_back,
    at_gateway,
    counted,
    findings,
    paid_order,
    poll,
    tell_refund,
)
from workers import payments as work


@pytest.fixture(autouse=True)
def _at_once():
    """Ask again without a pause."""
    with stamina.set_testing(True, attempts=calls.TRIES):
        yield


@pytest.fixture
def boss(shop):
    return shop.customer(role="admin")


@pytest.fixture
def order(shop):
    """A paid order, and the id of the try that pays for it."""
    return paid_order(shop)


@pytest.fixture
def _forgetful(monkeypatch):
    """A gateway that does not remember our keys, so that each request is a new refund."""
    monkeypatch.setattr(sandbox.refunds, "_earlier", lambda *_: None)


def stands(session):
    """How each refund stands, and what stands in its way."""
    columns = Refund.amount, Refund.status, Refund.last_error
    return values(session.execute(select(*columns).order_by(Refund.created_at)))


def times_out(monkeypatch, meanwhile):
    """Let the gateway refund, something happen, and our patience be at its end then."""
    refund = Razorpay.refund

    def ask(*args, **options):
        refund(*args, **options)
        meanwhile()
        raise GatewayUnavailable(is_passing=True)

    monkeypatch.setattr(Razorpay, "refund", ask)


def test_one_that_timed_out_is_ended_by_its_webhook(shop, session, boss, order, monkeypatch):
    bought, paid = order
    with monkeypatch.context() as patch:
        times_out(patch, lambda: None)
        ask_back(boss, bought, 20_000)
        shop.work()
    assert stands(session) == [(20_000, "pending", str(GatewayUnavailable()))]

    tell_refund(shop, "refund.processed", *at_gateway(shop, paid))
    shop.work()
    poll(session)

    assert stands(session) == [(20_000, "processed", None)]
    assert len(at_gateway(shop, paid)) == 1
    assert (bought.status[1], alerts(session)) == ("partially_refunded", [])
    assert_balanced(session, **{paid: [20_000]})


@pytest.mark.parametrize("tries", [0, 9], ids=["at first", "after many tries"])
def test_one_whose_webhook_was_quicker_than_our_patience_is_over(
    shop, session, boss, order, monkeypatch, tries
):
    bought, paid = order

    def told():
        tell_refund(shop, "refund.processed", *at_gateway(shop, paid))
        shop.work("webhooks")

    ask_back(boss, bought, 20_000)
    session.execute(update(Refund).values(polls=tries))
    times_out(monkeypatch, told)
    shop.work("payments")

    assert stands(session) == [(20_000, "processed", None)]
    assert alerts(session) == []
    assert_balanced(session, **{paid: [20_000]})


@pytest.mark.usefixtures("_forgetful")
def test_one_of_which_nothing_was_heard_is_found_though_the_gateway_forgot_our_key(
    shop, session, boss, order, monkeypatch
):
    bought, paid = order
    with monkeypatch.context() as patch:
        times_out(patch, lambda: None)
        ask_back(boss, bought, 20_000)
        shop.work()

    poll(session)

    assert stands(session) == [(20_000, "processed", None)]
    assert [refund["amount"] for refund in at_gateway(shop, paid)] == [20_000]
    assert bought.status == ("confirmed", "partially_refunded")
    assert_balanced(session, **{paid: [20_000]})


@pytest.mark.usefixtures("_forgetful")
def test_asked_for_blindly_it_would_go_back_twice(shop, session, boss, order, monkeypatch):
    bought, paid = order
    with monkeypatch.context() as patch:
        times_out(patch, lambda: None)
        ask_back(boss, bought, 20_000)
        shop.work()

    monkeypatch.setattr(Razorpay, "refunds", lambda *_: [])
    poll(session)

    assert [refund["amount"] for refund in at_gateway(shop, paid)] == [20_000, 20_000]


def test_one_that_was_never_asked_for_is_asked_for_and_not_looked_for(
    shop, session, boss, order, monkeypatch
):
    bought, _ = order

    def look(*_):
        raise AssertionError("there is nothing to be found")

    monkeypatch.setattr(Razorpay, "refunds", look)
    ask_back(boss, bought, 20_000)

    shop.work()

    assert stands(session) == [(20_000, "processed", None)]


def test_one_whose_job_was_lost_is_asked_for_by_the_clock(shop, session, boss, order):
    bought, paid = order
    ask_back(boss, bought, 20_000)

    poll(session)

    assert stands(session) == [(20_000, "processed", None)]
    shop.work()
    assert len(at_gateway(shop, paid)) == 1


@pytest.mark.parametrize("fault", ["no_balance", "opaque_refusal"])
def test_what_the_balance_does_not_cover_is_told_once_and_is_no_refund(
    shop, session, boss, order, fault
):
    bought, paid = order
    shop.gateway.fault(route="refunds.create", **{fault: True})
    refund_id = ask_back(boss, bought, 20_000).json["id"]
    shop.work()
    for _ in range(3):
        poll(session)

    assert bought.status == ("confirmed", "captured")
    assert alerts(session) == [("refund_stuck", refund_id, True)]
    assert counted(session, paid) == (20_000, 0)
    [seen] = boss.get("/api/v1/admin/refunds?status=pending").json["items"]
    assert (seen["id"], seen["polls"], GatewayRefused.title() in seen["last_error"]) == (
        refund_id,
        3,
        True,
    )

    shop.gateway.clear()
    poll(session)
    assert stands(session) == [(20_000, "processed", None)]
    assert bought.status == ("confirmed", "partially_refunded")
    assert alerts(session) == [("refund_stuck", refund_id, False)]
    assert findings(session) == []


def test_a_refund_that_the_gateway_will_not_have_now_keeps_no_other_waiting(
    shop, session, boss, order
):
    other, _ = paid_order(shop)
    shop.gateway.fault(route="refunds.create", opaque_refusal=True, next_n=2)
    ask_back(boss, order[0], 20_000)
    ask_back(boss, other, 30_000)
    shop.work()

    shop.gateway.fault(route="refunds.create", opaque_refusal=True, next_n=1)
    poll(session)

    assert [status for _, status, _ in stands(session)].count("processed") == 1
    poll(session)
    assert [status for _, status, _ in stands(session)] == ["processed", "processed"]


def test_those_that_wait_behind_a_gateway_that_does_not_answer_lose_no_time(
    shop, session, boss, order
):
    other, _ = paid_order(shop)
    shop.gateway.fault(too_many_requests=True)
    ask_back(boss, order[0], 20_000)
    ask_back(boss, other, 30_000)
    shop.work()

    poll(session)

    assert sorted(session.scalars(select(Refund.polls))) == [0, 1]
    shop.gateway.clear()
    poll(session)
    assert [status for _, status, _ in stands(session)] == ["processed", "processed"]


def test_an_answer_that_cannot_be_read_keeps_no_other_refund_waiting(
    shop, session, boss, order, monkeypatch
):
    other, _ = paid_order(shop)
    shop.gateway.fault(route="refunds.create", too_many_requests=True)
    ask_back(boss, order[0], 20_000)
    ask_back(boss, other, 30_000)
    shop.work()
    shop.gateway.clear()
    payment = gateway_named("razorpay")._client.payment
    refund = payment.refund

    def ask(payment_id, *args, **options):
        told = refund(payment_id, *args, **options)
        return told | {"status": "on its way"} if payment_id == order[1] else told

    with monkeypatch.context() as patch:
        patch.setattr(payment, "refund", ask)
        poll(session)
        work.poll_refunds()

    assert stands(session) == [
        (20_000, "pending", str(GatewayUnavailable())),
        (30_000, "processed", None),
    ]
    poll(session)
    assert [status for _, status, _ in stands(session)] == ["processed", "processed"]
