"""A burst of deliveries, each in many copies and out of order: one effect each."""

import inspect
from collections import Counter
from threading import Event
from types import FunctionType

import pytest
from sqlalchemy import func, select

from app.checkout import complete
from app.payments.models import PaymentAttempt
from app.treasury import audit
from app.webhooks.models import WebhookEvent
from tests.builders import values
from tests.failures.together import all_at_once, finish
from tests.payments.balance import assert_balanced
from tests.payments.purchase import announced, jobs_staged, refunds, sales
from tests.races.length import is_long
from tests.webhooks.burst import COPIES, GIVEN_BACK, burst, under_other_ids
from workers.drain import drain

DOORS = 4
WORKERS = 2
# Ours, somebody else's and malformed ones.
ENDS = {"processed", "ignored", "failed"}


def bring(shop, session, deliveries):
    """Bring deliveries to the door by several threads while workers work; tells the answers."""
    are_brought = [Event() for _ in range(DOORS)]

    def bring_some(number):
        try:
            mine = deliveries[number::DOORS]
            return [shop.deliver(delivery).status_code for delivery in mine]
        finally:
            are_brought[number].set()

    def work():
        while not all(event.is_set() for event in are_brought):
            drain("webhooks")

    answers = all_at_once([
        *(lambda number=number: bring_some(number) for number in range(DOORS)),
        *[work] * WORKERS,
    ])  # fmt: skip
    finish(shop, session)
    return [status for some in answers[:DOORS] for status in some]


def assert_one_effect_each(session, made):
    """One sale, one mail and one capture an order; of refunds what the gateway has; no more."""
    assert {paid.bought.status for paid in made.orders} <= {
        ("confirmed", "captured"),
        ("confirmed", "partially_refunded"),
    }
    assert sales(session) == sorted(
        (f"sale:{paid.bought.order_id}:RING", -1) for paid in made.orders
    )
    assert announced(session, "order.confirmed") == len(made.orders)
    columns = PaymentAttempt.gateway_payment_id, PaymentAttempt.status, PaymentAttempt.outcome
    assert sorted(values(session.execute(select(*columns)))) == sorted(
        row
        for paid in made.orders
        for row in [(paid.failed, "failed", None), (paid.captured, "captured", "kept")]
    )
    given_back = [paid.captured for paid in made.orders if paid.refund]
    assert sorted(refunds(session)) == sorted(
        (payment_id, GIVEN_BACK, "processed", "made at the gateway") for payment_id in given_back
    )
    assert audit.findings(session) == []
    assert_balanced(session, **{payment_id: [GIVEN_BACK] for payment_id in given_back})


@pytest.fixture
def length():
    return {"orders": 20, "events": 1_000} if is_long() else {"orders": 6, "events": 40}


def test_every_event_of_a_burst_has_one_effect(shop, session, length):
    shop.product("ring", 20)
    made = burst(shop, **length)
    copies = made.copies()
    assert len(copies) == length["events"] * COPIES

    answers = bring(shop, session, copies)

    assert Counter(answers) == {200: len(copies)}
    kept = select(WebhookEvent.event_id, WebhookEvent.body)
    assert dict(values(session.execute(kept))) == {d.event_id: d.body for d in made.events}
    assert set(session.scalars(select(WebhookEvent.status))) == ENDS
    assert jobs_staged(session, "webhooks.process") == length["events"]
    assert_one_effect_each(session, made)


def test_copies_that_nobody_recognises_still_move_the_money_once(shop, session):
    shop.product("ring", 20)
    made = burst(shop, orders=2, events=12)
    copies = under_other_ids(made.copies())

    answers = bring(shop, session, copies)

    assert Counter(answers) == {200: len(copies)}
    assert session.scalar(select(func.count()).select_from(WebhookEvent)) == len(copies)
    assert_one_effect_each(session, made)


def test_without_its_guard_a_capture_that_is_told_twice_would_be_seen(shop, session, monkeypatch):
    shop.product("ring", 20)
    made = burst(shop, orders=2, events=12)
    monkeypatch.setattr(complete, "_conclude", without("attempt.outcome is not None"))

    bring(shop, session, made.copies())

    with pytest.raises(AssertionError):
        assert_one_effect_each(session, made)
    assert "second_capture" in {reason for *_, reason in refunds(session)}


def without(guard):
    """Make the function that concludes a capture as it would be without one of its guards."""
    source = inspect.getsource(complete._conclude)
    assert source.count(guard) == 1
    code = compile(source.replace(guard, "False"), complete.__file__, "exec")
    [function] = [const for const in code.co_consts if inspect.iscode(const)]
    return FunctionType(function, vars(complete))
