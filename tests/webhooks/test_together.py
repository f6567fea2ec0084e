"""A backlog of events is worked together: what each comes to is what it would come to alone."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import workers.drain
from app.checkout import complete
from app.checkout.complete import complete_payments
from app.core import jobs
from app.treasury import news
from app.webhooks import events as room
from app.webhooks import inbox
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    announced,
    events,
    given_back,
    late_payers,
    lose_the_unit,
    make_due,
    open_jobs,
    purchase,
    refunds,
    sales,
)
from workers.drain import drain

PAID = ("confirmed", "captured")


class Killed(BaseException):
    """The process is gone; no handler of the shop gets to see it."""


@pytest.fixture
def rounds(monkeypatch):
    """How many captures each call concluded; none of them may have been done alone."""
    seen = []

    def conclude(captures):
        seen.append(len(captures))
        complete_payments(captures)

    monkeypatch.setattr(news, "complete_payments", conclude)
    return seen


def backlog(shop, orders, **lines):
    """Orders that are paid, their captures in the inbox."""
    bought = [purchase(shop, **lines) for _ in range(orders)]
    for each in bought:
        each.tell("payment.captured", each.pay())
    return bought


def test_a_backlog_is_confirmed_in_one_transaction(shop, session, rounds):
    shop.product("ring", 20)
    shop.product("chain", 20)
    bought = [*backlog(shop, 4, ring=2, chain=1), *backlog(shop, 4, chain=1)]

    drain("webhooks")

    assert rounds == [8]
    assert {each.status for each in bought} == {PAID}
    assert len(sales(session)) == 12
    assert announced(session, "order.confirmed") == 8
    assert open_jobs(session) == []
    assert (shop.on_hand("ring"), shop.on_hand("chain")) == (12, 12)
    assert_balanced(session)


def test_all_that_a_gateway_tells_of_a_payment_is_one_capture(shop, session, rounds):
    shop.product("ring", 5)
    bought = [purchase(shop, ring=1) for _ in range(2)]
    for each in bought:
        paid = each.pay()
        for name in ("payment.authorized", "payment.captured", "order.paid"):
            each.tell(name, paid)

    drain("webhooks")

    assert rounds == [2]
    assert [row[1] for row in events(session)] == ["processed"] * 6
    assert {each.status for each in bought} == {PAID}
    assert_balanced(session)


def test_two_captures_of_one_order_in_a_backlog_pay_once(shop, session, rounds):
    shop.product("ring", 5)
    bought, other = purchase(shop, ring=1), purchase(shop, ring=1)
    first, second = bought.pay(), bought.paid_again()
    bought.tell("payment.captured", first)
    bought.tell("payment.captured", second, order_id=bought.opened["razorpay_order_id"])
    other.tell("payment.captured", other.pay())

    shop.work()

    assert rounds == [3]
    assert (bought.status, other.status) == (PAID, PAID)
    assert refunds(session) == [(second, bought.total, "processed", "second_capture")]
    assert_balanced(session)


def test_the_last_unit_goes_to_the_late_payer_who_was_told_of_first(shop, session, rounds):
    shop.product("ring", 1)
    late = late_payers(shop, session)
    for bought, paid in late:
        bought.tell("payment.captured", paid)

    shop.work()

    (first, its), (second, other) = late
    assert rounds == [2]
    assert (first.status, second.status) == (PAID, ("expired", "refunded"))
    assert (given_back(shop, its), given_back(shop, other)) == ([], [(second.total, "processed")])
    assert_balanced(session)


def test_carts_are_cleared_of_what_several_orders_of_a_customer_bought(shop, session, rounds):
    shop.product("ring", 9)
    shop.product("chain", 9)
    meera = shop.customer()
    meera.put("/api/v1/cart/items/RING", {"quantity": 2})
    bought = [purchase(shop, meera), purchase(shop, meera)]
    meera.put("/api/v1/cart/items/RING", {"quantity": 5})
    meera.put("/api/v1/cart/items/CHAIN", {"quantity": 1})
    for each in bought:
        each.tell("payment.captured", each.pay())

    drain("webhooks")

    left = {item["sku"]: item["quantity"] for item in meera.get("/api/v1/cart").json["lines"]}
    assert (rounds, left) == ([2], {"RING": 1, "CHAIN": 1})
    assert_balanced(session)


def stranger(shop, bought):
    """Another application's payment, on the same account."""
    paid = bought.paid_again()
    bought.tell("payment.captured", paid)
    return "ignored"


def malformed(shop, bought):
    bought.tell("payment.captured", bought.pay(), amount="much")
    return "failed"


def of_no_use(shop, bought):
    delivery = shop.gateway.event("invoice.paid", {"id": "inv_1"})
    assert shop.deliver(delivery).status_code == 200
    return "ignored"


@pytest.mark.parametrize("odd", [stranger, malformed, of_no_use])
def test_an_odd_event_does_not_hold_up_the_others(shop, session, rounds, odd):
    shop.product("ring", 5)
    told = purchase(shop, ring=1)
    bought = backlog(shop, 2, ring=1)
    status = odd(shop, told)
    bought += backlog(shop, 1, ring=1)

    drain("webhooks")

    assert rounds[0] == 3
    assert {each.status for each in bought} == {PAID}
    assert sorted(row[1] for row in events(session)) == sorted(["processed"] * 3 + [status])
    assert "webhooks.process" not in open_jobs(session)


def test_an_order_that_postgres_cannot_deliver_is_refunded_and_the_others_sold(
    shop, session, rounds
):
    shop.product("ring", 1)
    shop.product("chain", 5)
    bought = backlog(shop, 2, chain=1)
    [doomed] = backlog(shop, 1, ring=1, chain=1)
    bought += backlog(shop, 2, chain=1)
    lose_the_unit(session)

    shop.work()

    assert rounds == [5, 1, 1, 1, 1, 1]
    assert {each.status for each in bought} == {PAID}
    assert doomed.status == ("pending", "refunded")
    assert [row[1:] for row in refunds(session)] == [(doomed.total, "processed", "sold_out")]
    assert (shop.on_hand("chain"), shop.levels("chain").committed) == (1, 0)


def test_what_failed_once_is_tried_alone(shop, session, rounds, monkeypatch):
    shop.product("ring", 5)
    bought = backlog(shop, 3, ring=1)
    with monkeypatch.context() as patch:
        patch.setattr(complete, "_conclude", lambda *_: 1 / 0)
        drain("webhooks")
    assert rounds == [3, 1, 1, 1]
    bought += backlog(shop, 2, ring=1)
    make_due(session)

    drain("webhooks")

    assert sorted(rounds[4:]) == [1, 1, 1, 2]
    assert {each.status for each in bought} == {PAID}
    assert_balanced(session)


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (complete, "commit_all"),
        (complete, "_conclude"),
        (complete, "settle_all"),
        (inbox, "end"),
        (jobs, "finish"),
    ],
    ids=["before Redis", "after Redis", "after Postgres", "settled", "before the jobs are done"],
)
def test_a_worker_that_dies_over_a_backlog_leaves_nothing_half_done(
    shop, session, monkeypatch, owner, name
):
    shop.product("ring", 9)
    shop.product("chain", 9)
    bought = [*backlog(shop, 3, ring=1, chain=2), *backlog(shop, 2, ring=1)]

    def die(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, die)
        with pytest.raises(Killed):
            drain("webhooks")
    make_due(session)
    shop.work()

    assert {each.status for each in bought} == {PAID}
    assert len(sales(session)) == 8
    assert (announced(session, "order.confirmed"), open_jobs(session)) == (5, [])
    assert refunds(session) == []
    assert_balanced(session)


NAMES = ("payment.authorized", "payment.captured", "payment.failed", "order.paid")
STORY = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(NAMES), st.sampled_from([0, 0, 0, 100])),
    min_size=2, max_size=8,
)  # fmt: skip


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=STORY, size=st.integers(2, 5))
def test_events_come_to_the_same_in_batches_of_any_size(shop, session, monkeypatch, story, size):
    """The same story, told to two shops' worth of orders: one by one, and together."""
    shop.product(f"ring_{next(_SKUS)}", 50)
    name = f"ring_{next(_SKUS) - 1}"
    ends = []
    for batch in (1, size):
        orders = [purchase(shop, **{name: 1}) for _ in range(3)]
        tries = [each.pay("authorized") for each in orders]
        for order, event, more in story:
            each = orders[order]
            status = event.removeprefix("payment.").replace("order.paid", "captured")
            each.tell(
                event, tries[order], amount=each.total + more,
                status=status, captured=status == "captured",
            )  # fmt: skip
        monkeypatch.setattr(workers.drain, "LARGE_BATCHES", {"webhooks": batch})
        shop.work("webhooks")
        # A server that stalled for a moment has had something put off.
        make_due(session)
        shop.work("webhooks")
        ends.append([each.status for each in orders])

    assert ends[0] == ends[1]
    assert "webhooks.process" not in open_jobs(session)


_SKUS = count()


def test_without_reading_them_one_by_one_a_stranger_would_hold_up_the_rest(
    shop, session, rounds, monkeypatch
):
    """The control of the tests above: all must be known before any is taken together."""
    shop.product("ring", 5)
    bought = backlog(shop, 2, ring=1)
    stranger(shop, bought[0])

    class All(dict):
        def __contains__(self, _):
            return True

    monkeypatch.setattr(room.payments, "order_ids", lambda *_: All())
    with monkeypatch.context() as patch:
        patch.setattr(workers.drain, "_work", lambda _: None)
        drain("webhooks")

    assert {each.status for each in bought} == {("pending", "pending")}
