"""A worker is killed in the middle of a capture."""

import pytest

from tests.builders import Shop
from tests.crashes.aftermath import check, reconcile
from tests.crashes.child import dies, work
from tests.payments.balance import assert_balanced
from tests.payments.purchase import (
    announced,
    make_due,
    open_jobs,
    purchase,
    refunds,
    sales,
)

POINTS = pytest.mark.parametrize(
    "point",
    [
        "capture: before Redis commits",
        "capture: after Redis committed",
        "capture: before Postgres commits",
        "capture: before Redis settles",
        "capture: after Redis settled",
        "capture: before the job is done",
    ],
)
COMMITTED = pytest.mark.parametrize(
    "point", ["capture: after Redis committed", "capture: before Redis settles"]
)


def paid(shop: Shop, **lines: int):
    bought = purchase(shop, **lines)
    bought.tell("payment.captured", bought.pay())
    return bought


@POINTS
def test_the_job_runs_again_and_sells_the_units_once(shop, session, point):
    shop.product("ring", 2)
    shop.product("chain", 2)
    bought = paid(shop, ring=1, chain=2)

    dies(point, work, "webhooks")
    check(session, "ring")
    check(session, "chain")
    make_due(session)
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert sales(session) == [
        (f"sale:{bought.order_id}:CHAIN", -2),
        (f"sale:{bought.order_id}:RING", -1),
    ]
    assert (announced(session, "order.confirmed"), open_jobs(session)) == (1, [])
    assert refunds(session) == []
    assert_balanced(session)
    check(session, "ring")
    assert reconcile(shop, session) == []


@COMMITTED
def test_nobody_else_gets_the_paid_unit_before_the_job_runs_again(shop, session, point):
    shop.product("ring", 1)
    bought = paid(shop, ring=1)

    dies(point, work, "webhooks")
    rival = shop.customer().check_out(ring=1)
    make_due(session)
    shop.work()

    assert rival.status_code == 409
    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)


@COMMITTED
def test_the_unit_is_sold_once_though_redis_is_lost_as_well(shop, session, redis, point):
    shop.product("ring", 1)
    bought = paid(shop, ring=1)

    dies(point, work, "webhooks")
    redis.flushall()
    rival = shop.customer().check_out(ring=1)
    make_due(session)
    shop.work()

    assert rival.status_code == 409
    assert bought.status == ("confirmed", "captured")
    assert_balanced(session)
    assert reconcile(shop, session) == []
