"""Units are taken under a guard: only where a hash has the token that is asked for."""

from uuid import uuid4

import pytest

from app.inventory import reservations
from app.inventory.errors import GuardLostError, InsufficientStock
from app.inventory.scripts import Guard
from app.inventory.terms import Claim, Levels

KEY = "request:{of a test}"


@pytest.fixture
def ring(shop):
    shop.product("ring", 2)
    return shop


def reserve(redis, units, guard):
    claim = Claim(uuid4(), "", {"RING": units})
    return reservations.reserve(redis, claim, lifetime_seconds=900, guard=guard)


def test_whoever_has_the_guard_takes_units_and_keeps_it(ring, redis):
    redis.hset(KEY, "token", "mine")

    assert reserve(redis, 1, Guard(KEY, "mine")) is not None

    assert ring.levels("ring") == Levels(2, 1, 0)
    assert redis.hget(KEY, "token") == "mine"


@pytest.mark.parametrize("token", ["another's", None])
def test_whoever_has_not_takes_nothing(ring, redis, token):
    if token is not None:
        redis.hset(KEY, "token", token)

    with pytest.raises(GuardLostError):
        reserve(redis, 1, Guard(KEY, "mine"))

    assert ring.levels("ring") == Levels(2, 0, 0)
    assert redis.hget(KEY, "token") == token


def test_a_refusal_drops_the_guard_so_that_nobody_has_to_wait_for_it(ring, redis):
    redis.hset(KEY, "token", "mine")

    with pytest.raises(InsufficientStock):
        reserve(redis, 3, Guard(KEY, "mine"))

    assert redis.exists(KEY) == 0


def test_a_refusal_drops_no_guard_of_somebody_else(ring, redis):
    redis.hset(KEY, "token", "another's")

    with pytest.raises(GuardLostError):
        reserve(redis, 3, Guard(KEY, "mine"))

    assert redis.hget(KEY, "token") == "another's"
