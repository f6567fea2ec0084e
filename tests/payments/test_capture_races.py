"""Deliveries and workers at the same time: what happens once must happen once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from sqlalchemy import select

from app.core.jobs import Job
from app.inventory import ledger
from app.orders import orders
from app.webhooks.models import WebhookEvent
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    announced,
    given_back,
    late_payers,
    make_due,
    open_jobs,
    purchase,
    refunds,
    sales,
)
from workers.drain import drain

# Longer than any thread is kept waiting on a busy machine; a barrier that breaks fails the test.
PATIENCE_SECONDS = 20


def all_at_once(calls):
    """Make every call in a thread of its own, all of them started together."""
    start = Barrier(len(calls))

    def begin(call):
        start.wait(PATIENCE_SECONDS)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(begin, call) for call in calls]]


def finish(shop, session):
    """Let the workers end what the threads left, tries that met each other included."""
    while open_jobs(session):
        make_due(session)
        shop.work()


def test_twenty_deliveries_at_once_make_one_sale(shop, session, monkeypatch):
    monkeypatch.setattr("workers.drain.LARGE_BATCHES", {"webhooks": 1})
    shop.product("ring", 2)
    bought = purchase(shop, ring=1)
    paid = bought.pay()
    told = [bought.event(name, paid) for name in ("payment.captured", "order.paid") * 3]
    deliveries = [told[number % len(told)] for number in range(20)]

    answers = all_at_once([
        *(lambda delivery=delivery: shop.deliver(delivery).status_code for delivery in deliveries),
        *[lambda: drain("webhooks")] * 4,
    ])  # fmt: skip
    all_at_once([lambda: drain("webhooks")] * 4)
    finish(shop, session)

    assert answers[:20] == [200] * 20
    assert sorted(session.scalars(select(WebhookEvent.status))) == ["processed"] * len(told)
    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert announced(session, "order.confirmed") == 1
    assert refunds(session) == []
    assert_balanced(session)


def test_two_captures_of_one_order_at_once_pay_once(shop, session, monkeypatch):
    monkeypatch.setattr("workers.drain.LARGE_BATCHES", {"webhooks": 1})
    shop.product("ring", 3)
    bought = purchase(shop, ring=1)
    tries = [bought.pay(), bought.paid_again()]
    for paid in tries:
        bought.tell("payment.captured", paid, order_id=bought.opened["razorpay_order_id"])

    # Both have made up their minds about Redis when either may have the order's row.
    both, lock = Barrier(2), orders.lock_all

    def lock_together(*args, **options):
        both.wait(PATIENCE_SECONDS)
        return lock(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(orders, "lock_all", lock_together)
        all_at_once([lambda: drain("webhooks")] * 2)
    is_ours = Job.name == "webhooks.process"
    assert list(session.scalars(select(Job.attempts).where(is_ours))) == [1, 1]
    assert open_jobs(session) == ["payments.refund"]
    finish(shop, session)

    assert bought.status == ("confirmed", "captured")
    assert sorted(given_back(shop, paid) for paid in tries) == [[], [(bought.total, "processed")]]
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    assert_balanced(session)


def test_two_late_payers_of_the_last_unit_get_it_or_the_money(shop, session, monkeypatch):
    monkeypatch.setattr("workers.drain.LARGE_BATCHES", {"webhooks": 1})
    shop.product("ring", 1)
    late = late_payers(shop, session)
    for bought, paid in late:
        bought.tell("payment.captured", paid)

    all_at_once([lambda: drain("webhooks")] * 2)
    finish(shop, session)

    ended = sorted((*bought.status, len(given_back(shop, paid))) for bought, paid in late)
    assert ended == [("confirmed", "captured", 0), ("expired", "refunded", 1)]
    assert len(sales(session)) == 1
    assert_balanced(session)


def test_orders_that_name_the_same_products_in_opposite_order_do_not_block_each_other(
    shop, session, monkeypatch
):
    monkeypatch.setattr("workers.drain.LARGE_BATCHES", {"webhooks": 1})
    shop.product("ring", 20)
    shop.product("chain", 20)
    rounds = 3
    bought = []
    for _ in range(rounds):
        bought += [purchase(shop, ring=1, chain=2), purchase(shop, chain=2, ring=1)]
    for each in bought:
        each.tell("payment.captured", each.pay())
    # Both orders stand before their first line when either may go on, one of them the other way.
    both = Barrier(2)
    deduct = ledger.deduct_all

    def deduct_together(session, redis, deductions):
        is_turned = both.wait(PATIENCE_SECONDS) == 0
        [leaving] = deductions
        lines = dict(sorted(leaving.claim.units.items(), reverse=is_turned))
        deduct(session, redis, [replace(leaving, claim=replace(leaving.claim, units=lines))])

    monkeypatch.setattr(ledger, "deduct_all", deduct_together)

    all_at_once([lambda: drain("webhooks")] * 2)

    assert {each.status for each in bought} == {("confirmed", "captured")}
    is_ours = Job.name == "webhooks.process"
    assert list(session.scalars(select(Job.attempts).where(is_ours))) == [1] * len(bought)
    shop.work()
    assert_balanced(session)


def test_one_refund_asked_for_by_two_workers_goes_back_once(shop, session, monkeypatch):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    paid = bought.pay(amount=bought.total + 100)
    bought.tell("payment.captured", paid)
    shop.work("webhooks")
    [staged] = session.scalars(select(Job.arguments).where(Job.name == "payments.refund"))
    session.add(Job(queue="payments", name="payments.refund", arguments=staged))
    session.flush()
    monkeypatch.setattr("workers.drain.BATCH", 1)

    all_at_once([lambda: drain("payments")] * 2)
    finish(shop, session)

    assert given_back(shop, paid) == [(bought.total + 100, "processed")]
    assert refunds(session) == [(paid, bought.total + 100, "processed", "amount_mismatch")]
    assert_balanced(session)
