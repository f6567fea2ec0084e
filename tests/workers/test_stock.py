"""The stock's own jobs: what ran out is tidied up where nobody comes by."""

from uuid import uuid4

import pytest

from app.core.problems import ServiceUnavailable
from app.inventory import keys, scripts
from app.inventory.terms import Claim, Levels
from workers import stock as work


@pytest.fixture
def lapsed(shop, redis):
    """One reservation of each of three products whose time is over, and one that lasts."""
    claims = {}
    for name in ("ring", "chain", "anklet"):
        shop.product(name, 3)
        shop.levels(name)
        claims[name] = Claim(uuid4(), "meera", {name.upper(): 1})
        scripts.reserve(redis, claims[name], lifetime_ms=900_000)
        redis.zadd(keys.reservations(name.upper()), {keys.member(claims[name].id, 1, "meera"): 1})
    scripts.reserve(redis, Claim(uuid4(), "meera", {"RING": 2}), lifetime_ms=900_000)
    return claims


def test_what_ran_out_is_tidied_up_where_nobody_comes_by(shop, redis, lapsed):
    work.sweep_reservations()

    numbers = {sku: redis.hget(keys.stock(sku), "reserved") for sku in ("RING", "CHAIN", "ANKLET")}
    assert numbers == {"RING": "2", "CHAIN": "0", "ANKLET": "0"}
    assert [redis.zcard(keys.reservations(sku)) for sku in numbers] == [1, 0, 0]


def test_a_product_that_redis_was_not_told_of_is_left_alone(shop, redis, lapsed):
    redis.hdel(keys.stock("CHAIN"), "server")

    work.sweep_reservations()

    assert redis.zcard(keys.reservations("CHAIN")) == 1
    assert shop.levels("chain") == Levels(3, 0, 0)


def test_the_sweep_fails_aloud_where_redis_cannot_be_asked(shop, redis, lapsed, monkeypatch):
    def out_of_reach(*_, **__):
        raise ServiceUnavailable

    monkeypatch.setattr(scripts, "levels", out_of_reach)

    with pytest.raises(ServiceUnavailable):
        work.sweep_reservations()
