"""A web process is killed in the middle of a checkout."""

import pytest

from app.checkout import keys
from app.checkout.schemas import CheckoutSchema
from tests.checkout.steps import basket, order_id_of, reservations, send
from tests.crashes.aftermath import check, look, reconcile
from tests.crashes.child import check_out, dies

POINTS = pytest.mark.parametrize(
    "point",
    [
        "checkout: before Redis reserves",
        "checkout: after Redis reserved",
        "checkout: before Postgres commits",
        "checkout: before the answer",
    ],
)
HOLDING = pytest.mark.parametrize(
    "point",
    [
        "checkout: after Redis reserved",
        "checkout: before Postgres commits",
        "checkout: before the answer",
    ],
)


@pytest.fixture
def buyer(shop):
    shop.product("ring", 2)
    return shop.customer()


def die(buyer, point, **lines):
    dies(point, check_out, buyer.id, "k", CheckoutSchema().load(basket(**lines)))


def let_the_lease_run_out(redis, settings, buyer):
    request = keys.request(order_id_of(settings, buyer))
    if redis.exists(request):
        redis.hset(request, "until_ms", 0)


@POINTS
def test_the_same_request_is_answered_with_one_order(shop, session, redis, settings, buyer, point):
    die(buyer, point, ring=2)
    check(session, "ring")
    let_the_lease_run_out(redis, settings, buyer)

    answered = send(buyer, basket(ring=2))
    again = send(buyer, basket(ring=2))

    assert (answered.status_code, again.status_code) == (201, 201)
    assert answered.json == again.json
    assert reservations(session) == [(2, "pending")]
    assert look(session, "ring").stock["reserved"] == "2"
    check(session, "ring")
    assert reconcile(shop, session) == []


@HOLDING
def test_nobody_else_gets_the_units_while_the_request_may_come_again(shop, session, buyer, point):
    die(buyer, point, ring=2)

    rival = send(shop.customer(), basket(ring=1))

    assert (rival.status_code, rival.json["lines"]) == (
        409,
        [{"sku": "RING", "requested": 1, "available": 0}],
    )
    check(session, "ring")


@pytest.mark.parametrize(
    "point", ["checkout: after Redis reserved", "checkout: before Postgres commits"]
)
def test_the_units_of_an_order_that_was_not_written_are_back_after_its_deadline(
    shop, session, redis, settings, buyer, point
):
    die(buyer, point, ring=2)
    for member in look(session, "ring").members:
        redis.zadd("reservations:{RING}", {member: 1}, xx=True)

    rival = send(shop.customer(), basket(ring=2))

    assert rival.status_code == 201
    assert reservations(session) == [(2, "pending")]
    check(session, "ring")
    assert reconcile(shop, session) == []
