"""What scripts leave behind where Redis is broken, full or forgetful; on a real one only."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from redis import Redis

from app.core.problems import ServiceUnavailable
from app.inventory import keys, scripts
from app.inventory.scripts import Levels, OnHand, Pending
from tests.inventory.shelf import (
    ASHA,
    BINA,
    QUARTER_HOUR,
    everything,
    put,
    reserve,
    run_out,
)

ORDER = {"CHAIN": 1, "RING": 2}
NUMBERS = [OnHand("CHAIN", 4, 2), OnHand("RING", 3, 2)]
CALLS: dict[str, Callable[[Redis], Any]] = {
    "reserve": lambda redis: scripts.reserve(redis, BINA, ORDER, lifetime_ms=QUARTER_HOUR),
    "extend": lambda redis: scripts.extend(redis, ASHA, ORDER, lifetime_ms=QUARTER_HOUR + 9),
    "commit": lambda redis: scripts.commit(redis, ASHA, ORDER),
    "settle": lambda redis: scripts.settle(redis, ASHA, NUMBERS),
    "release": lambda redis: scripts.release(redis, ASHA, ORDER),
    "sync": lambda redis: scripts.sync(redis, NUMBERS),
    "levels": lambda redis: scripts.levels(redis, list(ORDER)),
    "load": lambda redis: scripts.load(redis, NUMBERS[1], [Pending(ASHA, 2, 2**41)]),
}
TOUCHED_KEYS = [
    *((verb, keys.stock) for verb in CALLS),
    *((verb, keys.reservations) for verb in ("reserve", "extend", "commit", "release", "levels")),
    *((verb, keys.committed) for verb in ("reserve", "extend", "commit", "settle", "release")),
    ("load", keys.committed),
]
TOUCHED_NUMBERS = [
    *((verb, "on_hand") for verb in ("reserve", "commit")),
    *((verb, "reserved") for verb in ("reserve", "commit", "release", "levels")),
    *((verb, "committed") for verb in ("reserve", "commit", "settle")),
    *((verb, "version") for verb in ("settle", "sync")),
]


def an_order_on_two_products(redis, verb):
    """Have something to return and something to change on both lines."""
    put(redis, CHAIN=5, RING=5)
    reserve(redis, ASHA, **ORDER)
    if verb == "settle":
        scripts.commit(redis, ASHA, ORDER)
    for sku in ORDER:
        reserve(redis, UUID(int=99), **{sku: 1})
        run_out(redis, UUID(int=99), **{sku: 1})
    if verb == "load":
        redis.delete(keys.stock("RING"))


@pytest.mark.parametrize(("verb", "key"), TOUCHED_KEYS)
def test_a_key_of_the_wrong_kind_on_the_last_line_is_found_before_anything_is_written(
    redis, verb, key
):
    an_order_on_two_products(redis, verb)
    redis.delete(key("RING"))
    redis.rpush(key("RING"), "somebody", "was here")
    before = everything(redis)

    with pytest.raises(ServiceUnavailable):
        CALLS[verb](redis)

    assert everything(redis) == before


@pytest.mark.parametrize(("verb", "field"), TOUCHED_NUMBERS)
def test_a_number_that_is_none_on_the_last_line_is_found_before_anything_is_written(
    redis, verb, field
):
    an_order_on_two_products(redis, verb)
    redis.hset(keys.stock("RING"), field, "a handful")
    before = everything(redis)

    with pytest.raises(ServiceUnavailable):
        CALLS[verb](redis)

    assert everything(redis) == before


@pytest.mark.parametrize("verb", ["reserve", "commit", "release", "levels"])
def test_a_reservation_that_is_none_is_found_before_anything_is_written(redis, verb):
    an_order_on_two_products(redis, verb)
    redis.zadd(keys.reservations("RING"), {"somebody": 1})
    before = everything(redis)

    with pytest.raises(ServiceUnavailable):
        CALLS[verb](redis)

    assert everything(redis) == before


@contextmanager
def full(redis):
    """Let Redis have less memory than it uses."""
    redis.config_set("maxmemory", redis.info("memory")["used_memory"] - 1024)
    try:
        yield
    finally:
        redis.config_set("maxmemory", 0)


@pytest.mark.parametrize("verb", ["reserve", "extend"])
def test_a_full_redis_promises_nothing_and_writes_nothing(redis, verb):
    an_order_on_two_products(redis, verb)
    before = everything(redis)

    with full(redis), pytest.raises(ServiceUnavailable):
        CALLS[verb](redis)

    assert everything(redis) == before
    CALLS[verb](redis)
    assert everything(redis) != before


def test_a_full_redis_still_gives_units_back(redis):
    an_order_on_two_products(redis, "release")

    with full(redis):
        CALLS["release"](redis)

    assert scripts.levels(redis, list(ORDER)) == {"CHAIN": Levels(5, 0, 0), "RING": Levels(5, 0, 0)}


def test_a_full_redis_still_commits_what_is_paid_for_and_settles_it(redis):
    an_order_on_two_products(redis, "commit")

    with full(redis):
        CALLS["commit"](redis)
    assert scripts.levels(redis, list(ORDER)) == {"CHAIN": Levels(5, 0, 1), "RING": Levels(5, 0, 2)}

    with full(redis):
        CALLS["settle"](redis)
    assert scripts.levels(redis, list(ORDER)) == {"CHAIN": Levels(4, 0, 0), "RING": Levels(3, 0, 0)}


def test_a_full_redis_still_tells_levels_and_returns_what_has_run_out(redis):
    an_order_on_two_products(redis, "levels")

    with full(redis):
        told = CALLS["levels"](redis)

    assert told == {"CHAIN": Levels(5, 1, 0), "RING": Levels(5, 2, 0)}


@pytest.mark.parametrize("verb", CALLS)
def test_a_redis_that_forgot_its_scripts_is_taught_them_again(redis, verb):
    an_order_on_two_products(redis, verb)
    redis.script_flush()
    before = everything(redis)

    CALLS[verb](redis)

    assert everything(redis) != before


@pytest.mark.parametrize("verb", CALLS)
@pytest.mark.parametrize("reply", [["perhaps"], []])
def test_a_reply_that_nobody_agreed_on_is_a_bug(redis, monkeypatch, verb, reply):
    monkeypatch.setattr(scripts, f"_{verb.upper()}", lambda *_: reply)

    with pytest.raises(AssertionError, match=f"inventory/{verb} answered"):
        CALLS[verb](redis)
