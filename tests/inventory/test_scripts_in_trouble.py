"""What scripts leave behind where Redis is broken, full or forgetful; on a real one only."""

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from redis import Redis

from app.core.problems import ServiceUnavailable
from app.inventory import keys, scripts
from app.inventory.errors import InsufficientStock, PurchaseLimitExceeded
from app.inventory.terms import Known, Levels, OnHand, Pending
from tests.inventory.shelf import (
    ASHA,
    BINA,
    EPOCH,
    MEERA,
    NAINA,
    QUARTER_HOUR,
    buyers,
    claim,
    commit,
    everything,
    put,
    reserve,
    run_out,
    stock,
    tell,
)

ORDER = {"CHAIN": 1, "RING": 2}
NUMBERS = [OnHand("CHAIN", 4, 2, 1), OnHand("RING", 3, 2, 2)]
LAPSED = UUID(int=99)
LOADED = Known(
    NUMBERS[1], 9, (Pending(ASHA, 2, MEERA, 2**41),), {str(BINA): (NAINA, 1)}, {MEERA: 1}
)
CALLS: dict[str, Callable[[Redis], Any]] = {
    "reserve": lambda redis: reserve(redis, BINA, **ORDER),
    "extend": lambda redis: scripts.extend(redis, claim(ASHA, ORDER), lifetime_ms=QUARTER_HOUR + 9),
    "commit": lambda redis: commit(redis, ASHA, **ORDER),
    "settle": lambda redis: scripts.settle(redis, claim(ASHA, ORDER), NUMBERS),
    "release": lambda redis: scripts.release(redis, claim(ASHA, ORDER)),
    "sync": lambda redis: scripts.sync(redis, NUMBERS),
    "levels": lambda redis: scripts.levels(redis, list(ORDER)),
    "load": lambda redis: tell(redis, LOADED, present=EPOCH + 1, epoch=8),
    "inspect": lambda redis: scripts.inspect(redis, "RING"),
    "forget": lambda redis: scripts.forget(redis, "RING", epoch=EPOCH),
}
WRITING = [verb for verb in CALLS if verb != "inspect"]
OF_ORDERS = ("reserve", "commit", "release", "settle")
TOUCHED_KEYS = [
    *((verb, keys.stock) for verb in CALLS),
    *((verb, keys.reservations) for verb in (*OF_ORDERS, "extend", "levels", "inspect")),
    *((verb, keys.committed) for verb in (*OF_ORDERS, "extend", "inspect")),
    *((verb, keys.buyers) for verb in (*OF_ORDERS, "levels", "inspect")),
]
TOUCHED_NUMBERS = [
    *((verb, "on_hand") for verb in ("reserve", "commit", "levels")),
    *((verb, "reserved") for verb in (*OF_ORDERS, "levels")),
    *((verb, "committed") for verb in ("reserve", "commit", "settle", "levels")),
    *((verb, "limit") for verb in (*OF_ORDERS, "levels")),
    *((verb, "version") for verb in ("settle", "sync")),
    *((verb, "epoch") for verb in ("reserve", "commit")),
]
TOUCHED_COUNTS = [
    *((verb, MEERA) for verb in (*OF_ORDERS, "levels")),
    *((verb, f"{MEERA}/paid") for verb in ("reserve", "commit", "settle")),
]


def an_order_on_two_products(redis, verb, *, limit=9):
    """Have something to return and something to change on both lines."""
    put(redis, CHAIN=5, RING=5, limit=limit)
    reserve(redis, ASHA, **ORDER)
    if verb == "settle":
        commit(redis, ASHA, **ORDER)
    for sku in ORDER:
        reserve(redis, LAPSED, **{sku: 1})
        run_out(redis, LAPSED, **{sku: 1})


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


@pytest.mark.parametrize("key", [keys.reservations, keys.committed, keys.buyers])
def test_a_load_replaces_a_key_of_the_wrong_kind(redis, key):
    an_order_on_two_products(redis, "load")
    redis.delete(key("RING"))
    redis.rpush(key("RING"), "somebody", "was here")

    assert CALLS["load"](redis)

    assert scripts.levels(redis, ["RING"]) == {"RING": Levels(3, 2, 1)}
    assert buyers(redis, "RING") == {MEERA: "2", NAINA: "1", f"{MEERA}/paid": "1@2"}


@pytest.mark.parametrize("verb", [*OF_ORDERS, "extend", "levels"])
def test_who_buys_a_product_without_a_limit_is_not_looked_at(redis, verb):
    an_order_on_two_products(redis, verb, limit=0)
    redis.rpush(keys.buyers("RING"), "somebody", "was here")

    CALLS[verb](redis)

    assert redis.lrange(keys.buyers("RING"), 0, -1) == ["somebody", "was here"]


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


@pytest.mark.parametrize(("verb", "field"), TOUCHED_COUNTS)
def test_a_count_of_a_buyer_that_is_none_is_found_before_anything_is_written(redis, verb, field):
    an_order_on_two_products(redis, verb)
    redis.hset(keys.buyers("RING"), field, "a handful")
    before = everything(redis)

    with pytest.raises(ServiceUnavailable):
        CALLS[verb](redis)

    assert everything(redis) == before


@pytest.mark.parametrize("verb", ["reserve", "commit", "levels"])
def test_a_reservation_that_is_none_is_found_before_anything_is_written(redis, verb):
    an_order_on_two_products(redis, verb)
    redis.zadd(keys.reservations("RING"), {"somebody": 1})
    before = everything(redis)

    with pytest.raises(ServiceUnavailable):
        CALLS[verb](redis)

    assert everything(redis) == before


def test_an_orders_own_key_of_the_wrong_kind_keeps_nothing_from_being_given_up(redis):
    put(redis, CHAIN=5, RING=5)
    fence = reserve(redis, ASHA, **ORDER)
    redis.delete(keys.reservation(ASHA))
    redis.rpush(keys.reservation(ASHA), "somebody", "was here")
    before = everything(redis)

    with pytest.raises(ServiceUnavailable):
        scripts.release(redis, claim(ASHA, ORDER), fence=fence)
    assert everything(redis) == before

    scripts.release(redis, claim(ASHA, ORDER))
    assert everything(redis) == {"stock:{CHAIN}": stock(redis, 5), "stock:{RING}": stock(redis, 5)}


@contextmanager
def full(redis):
    """Let Redis have less memory than it uses."""
    redis.config_set("maxmemory", redis.info("memory")["used_memory"] - 1024)
    try:
        yield
    finally:
        redis.config_set("maxmemory", 0)


@pytest.mark.parametrize("verb", ["reserve", "extend", "sync"])
def test_a_full_redis_promises_nothing_and_writes_nothing(redis, verb):
    an_order_on_two_products(redis, verb)
    before = everything(redis)

    with full(redis), pytest.raises(ServiceUnavailable):
        CALLS[verb](redis)

    assert everything(redis) == before
    CALLS[verb](redis)
    assert everything(redis) != before


@pytest.mark.parametrize("is_lapsed", [True, False], ids=["with something to return", "without"])
def test_a_full_redis_still_says_what_is_not_there_and_what_is_not_allowed(redis, is_lapsed):
    put(redis, CHAIN=5, RING=5, limit=4)
    if is_lapsed:
        reserve(redis, LAPSED, buyer=NAINA, CHAIN=2, RING=2)
        run_out(redis, LAPSED, buyer=NAINA, CHAIN=2, RING=2)

    with full(redis):
        with pytest.raises(InsufficientStock) as short:
            reserve(redis, ASHA, CHAIN=1, RING=6)
        with pytest.raises(PurchaseLimitExceeded) as over:
            reserve(redis, ASHA, CHAIN=1, RING=5)

    assert short.value.members["lines"] == [{"sku": "RING", "requested": 6, "available": 5}]
    assert over.value.members["lines"] == [{"sku": "RING", "requested": 5, "allowed": 4}]
    assert scripts.levels(redis, list(ORDER)) == {"CHAIN": Levels(5, 0, 0), "RING": Levels(5, 0, 0)}
    assert buyers(redis, "RING") == {}


def test_a_full_redis_still_gives_units_back(redis):
    an_order_on_two_products(redis, "release")

    with full(redis):
        CALLS["release"](redis)

    assert scripts.levels(redis, list(ORDER)) == {"CHAIN": Levels(5, 0, 0), "RING": Levels(5, 0, 0)}
    assert buyers(redis, "RING") == {}


@pytest.mark.parametrize("is_late", [False, True], ids=["in time", "late"])
def test_a_full_redis_still_commits_what_is_paid_for_and_settles_it(redis, is_late):
    an_order_on_two_products(redis, "commit")
    if is_late:
        CALLS["release"](redis)

    with full(redis):
        CALLS["commit"](redis)
    assert scripts.levels(redis, list(ORDER)) == {"CHAIN": Levels(5, 0, 1), "RING": Levels(5, 0, 2)}
    assert buyers(redis, "RING") == {MEERA: "2"}

    with full(redis):
        CALLS["settle"](redis)
    assert scripts.levels(redis, list(ORDER)) == {"CHAIN": Levels(4, 0, 0), "RING": Levels(3, 0, 0)}
    assert buyers(redis, "RING") == {f"{MEERA}/paid": "2@2"}


def test_a_full_redis_still_tells_levels_and_returns_what_has_run_out(redis):
    an_order_on_two_products(redis, "levels")

    with full(redis):
        told = CALLS["levels"](redis)

    assert told == {"CHAIN": Levels(5, 1, 0), "RING": Levels(5, 2, 0)}
    assert buyers(redis, "RING") == {MEERA: "2"}
    assert redis.zcard(keys.reservations("RING")) == 1


@pytest.mark.parametrize("is_known", [True, False])
def test_a_full_redis_can_still_be_told_of_a_product(redis, is_known):
    if is_known:
        an_order_on_two_products(redis, "load")

    with full(redis):
        assert CALLS["load"](redis)

    assert scripts.levels(redis, ["RING"]) == {"RING": Levels(3, 2, 1)}
    assert buyers(redis, "RING") == {MEERA: "2", NAINA: "1", f"{MEERA}/paid": "1@2"}


def test_a_full_redis_can_still_be_inspected_and_made_to_forget(redis):
    an_order_on_two_products(redis, "inspect")

    with full(redis):
        assert CALLS["inspect"](redis).stock == stock(redis, 5, reserved=3, limit=9)
        CALLS["forget"](redis)
        assert CALLS["inspect"](redis) is None


@pytest.mark.parametrize("verb", CALLS)
def test_a_redis_that_forgot_its_scripts_is_taught_them_again(redis, verb):
    an_order_on_two_products(redis, verb)
    redis.script_flush()
    before = everything(redis)

    told = CALLS[verb](redis)

    assert everything(redis) != before or verb == "inspect"
    assert told is not None or verb in ("settle", "release", "sync", "forget")


@pytest.mark.parametrize("verb", CALLS)
@pytest.mark.parametrize("reply", [["perhaps"], []])
def test_a_reply_that_nobody_agreed_on_is_a_bug(redis, monkeypatch, verb, reply):
    monkeypatch.setattr(scripts, f"_{verb.upper()}", lambda *_: reply)

    with pytest.raises(AssertionError, match=rf"inventory/{verb} answered|instead of {verb[:3]}"):
        CALLS[verb](redis)
