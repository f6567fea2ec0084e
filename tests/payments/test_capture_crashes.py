"""A worker dies at each point of a capture: the job runs again and ends with one effect."""

import pytest
from sqlalchemy import select

import workers.drain
from app.checkout import complete
from app.core import jobs
from app.core.jobs import Job
from app.inventory import ledger
from app.inventory.terms import Levels
from app.payments.razorpay import Razorpay
from app.treasury import news, refund
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    announced,
    expire,
    given_back,
    jobs_staged,
    make_due,
    open_jobs,
    purchase,
    refunds,
    sales,
)


class Killed(BaseException):
    """The process is gone; no handler of the shop gets to see it."""


def _die(*_, **__):
    raise Killed


def _die_afterwards(story):
    def work(capture):
        story(capture)
        raise Killed

    return work


AFTER_THE_CLAIM = (workers.drain, "_work", _die)
BEFORE_REDIS_COMMITS = (complete, "commit_all", _die)
AFTER_REDIS_COMMITTED = (complete, "_conclude", _die)
AFTER_POSTGRES_COMMITTED = (ledger, "settle_all", _die)
BEFORE_THE_EVENT_IS_DONE = (news, "complete_payments", _die_afterwards(complete.complete_payments))
BEFORE_THE_JOB_IS_DONE = (jobs, "finish", _die)

CRASHES = pytest.mark.parametrize(
    "crash",
    [
        pytest.param(AFTER_THE_CLAIM, id="after the claim"),
        pytest.param(BEFORE_REDIS_COMMITS, id="before Redis commits"),
        pytest.param(AFTER_REDIS_COMMITTED, id="after Redis committed"),
        pytest.param(AFTER_POSTGRES_COMMITTED, id="after Postgres committed"),
        pytest.param(BEFORE_THE_EVENT_IS_DONE, id="before the event is done"),
        pytest.param(BEFORE_THE_JOB_IS_DONE, id="before the job is done"),
    ],
)


def die_at(crash, monkeypatch, queue="webhooks"):
    """Let a worker take up the queue's work and die."""
    with monkeypatch.context() as patch:
        patch.setattr(*crash)
        with pytest.raises(Killed):
            workers.drain.drain(queue)


def attempts(session, name):
    return list(session.scalars(select(Job.attempts).where(Job.name == name)))


@CRASHES
def test_a_capture_whose_worker_died_is_completed_once(shop, session, monkeypatch, crash):
    shop.product("ring", 2)
    shop.product("chain", 2)
    bought = purchase(shop, ring=1, chain=2)
    bought.tell("payment.captured", bought.pay())

    die_at(crash, monkeypatch)
    assert open_jobs(session)[0] == "webhooks.process"
    make_due(session)
    shop.work()

    assert attempts(session, "webhooks.process") == [2]
    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [
        (f"sale:{bought.order_id}:CHAIN", -2),
        (f"sale:{bought.order_id}:RING", -1),
    ]
    assert (announced(session, "order.confirmed"), open_jobs(session)) == (1, [])
    assert refunds(session) == []
    assert_balanced(session)


@CRASHES
def test_a_late_capture_whose_worker_died_is_completed_once(shop, session, monkeypatch, crash):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    expire(session, bought.order_id)
    bought.tell("payment.captured", bought.pay())

    die_at(crash, monkeypatch)
    make_due(session)
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_balanced(session)


@pytest.mark.parametrize(
    "crash",
    [
        pytest.param(AFTER_THE_CLAIM, id="after the claim"),
        pytest.param(BEFORE_REDIS_COMMITS, id="before Redis is asked"),
        pytest.param(AFTER_REDIS_COMMITTED, id="after Redis refused"),
        pytest.param(BEFORE_THE_EVENT_IS_DONE, id="before the event is done"),
        pytest.param(BEFORE_THE_JOB_IS_DONE, id="before the job is done"),
    ],
)
def test_a_refund_whose_worker_died_is_written_once(shop, session, monkeypatch, crash):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    expire(session, bought.order_id)
    purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)

    die_at(crash, monkeypatch)
    make_due(session)
    shop.work()

    assert bought.status == ("expired", "refunded")
    assert refunds(session) == [(paid, bought.total, "processed", "sold_out")]
    assert (given_back(shop, paid), jobs_staged(session, "payments.refund")) == (
        [(bought.total, "processed")],
        1,
    )
    assert_balanced(session)


@pytest.mark.parametrize(
    "crash",
    [
        pytest.param((Razorpay, "refund", _die), id="before it is asked"),
        pytest.param((refund, "follow_refund", _die), id="before it is noted"),
        pytest.param(BEFORE_THE_JOB_IS_DONE, id="before the job is done"),
    ],
)
def test_a_refund_is_sent_once_though_its_worker_died(shop, session, monkeypatch, crash):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    paid = bought.pay(amount=bought.total + 100)
    bought.tell("payment.captured", paid)
    shop.work("webhooks")

    die_at(crash, monkeypatch, "payments")
    make_due(session)
    shop.work()

    assert refunds(session) == [(paid, bought.total + 100, "processed", "amount_mismatch")]
    assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert_balanced(session)


@pytest.mark.parametrize(
    "crash",
    [
        pytest.param(AFTER_REDIS_COMMITTED, id="after Redis committed"),
        pytest.param(AFTER_POSTGRES_COMMITTED, id="after Postgres committed"),
    ],
)
def test_nobody_else_buys_the_unit_of_a_capture_whose_worker_is_dead(
    shop, session, monkeypatch, crash
):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())

    die_at(crash, monkeypatch)

    assert shop.levels("ring") == Levels(on_hand=1, reserved=0, committed=1)
    refused = shop.customer().check_out(ring=1)
    assert (refused.status_code, refused.json["lines"]) == (
        409,
        [{"sku": "RING", "requested": 1, "available": 0}],
    )
    make_due(session)
    shop.work()
    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


def test_an_order_that_another_event_completed_leaves_nothing_committed(shop, session, monkeypatch):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    die_at(AFTER_POSTGRES_COMMITTED, monkeypatch)

    bought.tell("order.paid", paid)
    shop.work()
    assert shop.levels("ring") == Levels(on_hand=1, reserved=0, committed=0)

    make_due(session)
    shop.work()
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_balanced(session)


def test_a_redis_that_forgot_a_commit_is_told_again(shop, session, monkeypatch, redis):
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    die_at(AFTER_REDIS_COMMITTED, monkeypatch)

    redis.flushall()
    make_due(session)
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_balanced(session)
