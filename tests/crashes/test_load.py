"""A process is killed while it tells Redis of a product."""

from unittest import mock
from uuid import uuid4

import pytest

from app.checkout import placement
from app.core.redis_client import redis as stock_redis
from app.inventory import reservations
from app.inventory.errors import StaleEpoch
from app.inventory.terms import Claim
from tests.crashes.aftermath import check, reconcile
from tests.crashes.child import dies, load
from tests.races.crowd import PLACE_WITHOUT_EPOCH
from tests.races.placing import buyers, place

POINTS = pytest.mark.parametrize(
    "point",
    [
        "load: before the script",
        "load: before Postgres commits",
        "load: after Postgres committed",
    ],
)
HALF_WAY = "load: before Postgres commits"


def reserve(buyer):
    claim = Claim(uuid4(), buyer, {"RING": 1})
    return claim, reservations.reserve(stock_redis(), claim, lifetime_seconds=900)


def remember(claim, reserved):
    place(claim, reserved)


def check_out(shop):
    """Check out as a customer does: a 503 is answered by asking again."""
    buyer = shop.customer()
    answers = [buyer.check_out(key="k", ring=1).status_code for _ in range(2)]
    return answers[0] if answers[0] != 503 else answers[1]


@POINTS
def test_as_many_are_sold_as_there_are(shop, session, point):
    shop.product("ring", 2)
    held = [check_out(shop)]

    dies(point, load, ["RING"])
    check(session, "ring")
    held += [check_out(shop) for _ in range(2)]

    assert held == [201, 201, 409]
    check(session, "ring")
    reconcile(shop, session)
    assert check(session, "ring").available() == 0
    assert check_out(shop) == 409


def test_a_promise_that_was_written_beside_a_load_that_died_is_kept(shop, session):
    """A load that does not know of a reservation dies half-way; then that is remembered."""
    shop.product("ring", 1)
    claim, reserved = reserve(buyers(1)[0])
    dies(HALF_WAY, load, ["RING"])
    remember(claim, reserved)

    assert check_out(shop) == 409
    check(session, "ring")
    assert set(reservations.commit(stock_redis(), claim)) == {"RING"}


def test_a_promise_is_broken_where_what_is_remembered_stands_on_no_epoch(shop, session):
    """The negative control: a load that lived, beside a statement that does not ask for it."""
    shop.product("ring", 1)
    claim, reserved = reserve(buyers(1)[0])
    load(["RING"])
    with mock.patch.object(placement, "_PLACE", PLACE_WITHOUT_EPOCH):
        remember(claim, reserved)
        rival = check_out(shop)

    assert rival == 201
    with pytest.raises(AssertionError, match="more is promised than there is"):
        check(session, "ring")


def test_what_redis_held_before_a_load_is_promised_to_nobody(shop, session):
    shop.product("ring", 1)
    claim, reserved = reserve(buyers(1)[0])

    dies("load: after Postgres committed", load, ["RING"])

    with pytest.raises(StaleEpoch):
        remember(claim, reserved)
    assert check_out(shop) == 201
    check(session, "ring")
