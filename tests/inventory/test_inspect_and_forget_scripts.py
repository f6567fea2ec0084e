"""Who was told of a product, and by which load; what Redis knows of it then."""

import pytest

from app.inventory import keys, scripts
from app.inventory.errors import UnknownToRedisError
from app.inventory.terms import Inspection, Known, Levels, OnHand, Pending
from tests.inventory.shelf import (
    ASHA,
    BINA,
    CHITRA,
    EPOCH,
    MEERA,
    NAINA,
    QUARTER_HOUR,
    claim,
    commit,
    everything,
    levels,
    now_ms,
    put,
    reserve,
    run_id,
    run_out,
    stock,
    tell,
)

ASK = {
    "reserve": lambda store: reserve(store, BINA, CHAIN=1, RING=1),
    "commit": lambda store: commit(store, ASHA, CHAIN=1, RING=1),
    "levels": lambda store: scripts.levels(store, ["CHAIN", "RING"]),
}


def two_products(store):
    put(store, CHAIN=5, RING=5, limit=3)
    reserve(store, ASHA, CHAIN=1, RING=1)
    reserve(store, CHITRA, CHAIN=1, RING=1)
    run_out(store, CHITRA, CHAIN=1, RING=1)


def come_from_another_server(store, sku):
    """Leave a product as a failover leaves it: all there, told to a server that is gone."""
    store.hset(keys.stock(sku), "server", "f" * 40)


def forget(store, epoch, sku="RING"):
    scripts.forget(store, sku, epoch=epoch)


def test_a_server_is_known_by_its_run_id(redis):
    put(redis, RING=1)

    assert redis.hget(keys.stock("RING"), "server") == redis.info("server")["run_id"]
    assert run_id(redis) == redis.info("server")["run_id"]


@pytest.mark.parametrize("verb", ASK)
def test_what_another_server_was_told_is_unknown_and_stays_as_it_is(store, verb):
    two_products(store)
    come_from_another_server(store, "RING")
    before = everything(store)

    with pytest.raises(UnknownToRedisError) as unknown:
        ASK[verb](store)

    assert unknown.value.skus == ("RING",)
    assert everything(store) == before | (
        # Looking at the other product has returned what ran out of it.
        {
            "buyers:{CHAIN}": {MEERA: "1"},
            "reservations:{CHAIN}": before["reservations:{CHAIN}"][1:],
            "stock:{CHAIN}": stock(store, 5, reserved=1, limit=3),
        }
        if verb == "levels"
        else {}
    )


def test_what_another_server_was_told_cannot_be_inspected(store):
    two_products(store)
    come_from_another_server(store, "RING")

    assert scripts.inspect(store, "RING") is None
    assert scripts.inspect(store, "CHAIN") is not None


@pytest.mark.parametrize("present", [EPOCH, None])
def test_what_another_server_was_told_is_replaced_whole_though_the_load_is_the_same(store, present):
    two_products(store)
    commit(store, BINA, RING=1)
    come_from_another_server(store, "RING")
    known = Known(OnHand("RING", 4, 2), 0, (Pending(ASHA, 2, NAINA, 2**41),))

    assert tell(store, known, present=present, epoch=8)

    left = {key: value for key, value in everything(store).items() if "{RING}" in key}
    assert left == {
        "reservations:{RING}": [(keys.member(ASHA, 2, NAINA), 2**41)],
        "stock:{RING}": stock(store, 4, version=2, reserved=2, epoch=8),
    }


def test_units_held_on_a_server_that_is_gone_may_still_be_given_up_settled_and_synced(store):
    two_products(store)
    commit(store, BINA, RING=1)
    come_from_another_server(store, "RING")

    scripts.release(store, claim(ASHA, {"RING": 1}))
    scripts.settle(store, claim(BINA, {"RING": 1}), [OnHand("RING", 4, 2)])
    scripts.sync(store, [OnHand("RING", 6, 3)])

    assert store.hgetall(keys.stock("RING")) == stock(store, 6, version=3, limit=3, reserved=0) | {
        "server": "f" * 40
    }


def test_a_product_is_forgotten_by_the_load_that_told_of_it(store):
    two_products(store)
    before = everything(store)

    forget(store, EPOCH)

    told = stock(store, 5, reserved=2, limit=3)
    del told["server"]
    assert everything(store) == before | {"stock:{RING}": told}
    for ask in ASK.values():
        with pytest.raises(UnknownToRedisError) as unknown:
            ask(store)
        assert unknown.value.skus == ("RING",)
    assert scripts.inspect(store, "RING") is None


def test_a_product_that_was_forgotten_is_known_again_after_any_load(store):
    two_products(store)
    forget(store, EPOCH)

    known = Known(OnHand("RING", 4, 2), 0)
    assert tell(store, known, present=EPOCH, epoch=8)

    assert levels(store, "RING") == Levels(4, 0, 0)


@pytest.mark.parametrize("epoch", [EPOCH - 1, EPOCH + 1, 70])
def test_a_product_that_another_load_told_of_since_stays_known(store, epoch):
    two_products(store)
    before = everything(store)

    forget(store, epoch)

    assert everything(store) == before


def test_a_product_that_redis_does_not_have_is_forgotten_without_a_trace(store):
    forget(store, EPOCH)

    assert everything(store) == {}


def test_an_inspection_tells_everything_at_one_moment_and_tidies_nothing_up(store):
    put(store, RING=9, version=4, limit=5)
    commit(store, CHITRA, RING=3)
    held = reserve(store, ASHA, RING=2).deadline_ms
    reserve(store, BINA, buyer=NAINA, RING=1)
    run_out(store, BINA, buyer=NAINA, RING=1)
    lapsed = int(store.zscore(keys.reservations("RING"), keys.member(BINA, 1, NAINA)))
    before = everything(store)

    earliest = now_ms(store)
    seen = scripts.inspect(store, "RING")
    latest = now_ms(store)

    assert everything(store) == before
    assert earliest <= seen.now_ms <= latest
    assert seen == Inspection(
        seen.now_ms,
        stock=stock(store, 9, version=4, reserved=3, committed=3, limit=5),
        reservations={keys.member(ASHA, 2, MEERA): held, keys.member(BINA, 1, NAINA): lapsed},
        committed={str(CHITRA): 3},
        buyers={MEERA: "5", NAINA: "1"},
    )
    assert lapsed < seen.now_ms < held <= seen.now_ms + QUARTER_HOUR


def test_an_inspection_of_what_nobody_holds_tells_the_numbers_alone(store):
    put(store, RING=0)

    seen = scripts.inspect(store, "RING")

    assert seen == Inspection(seen.now_ms, stock(store, 0), {}, {}, {})


def test_a_product_that_redis_does_not_know_cannot_be_inspected(store):
    assert scripts.inspect(store, "RING") is None


def test_a_product_that_was_loaded_and_not_published_stays_unknown(store):
    """As it is where a load dies before Postgres has committed its epoch."""
    two_products(store)

    assert scripts.load(store, Known(OnHand("RING", 9, 2), 0), present=None, epoch=8)

    assert scripts.inspect(store, "RING") is None
    with pytest.raises(UnknownToRedisError):
        reserve(store, ASHA, RING=1)


def test_a_load_that_another_one_came_after_is_not_published(store):
    two_products(store)
    known = Known(OnHand("RING", 9, 2), 0)
    scripts.load(store, known, present=None, epoch=8)
    scripts.load(store, known, present=None, epoch=9)

    assert scripts.publish(store, "RING", epoch=8) is False
    assert scripts.inspect(store, "RING") is None
    assert scripts.publish(store, "RING", epoch=9) is True
    assert levels(store, "RING") == Levels(9, 0, 0)


def test_whoever_comes_after_a_loader_that_did_not_come_to_publish_does_it(store):
    two_products(store)
    known = Known(OnHand("RING", 9, 2), 0)
    scripts.load(store, known, present=None, epoch=8)

    assert scripts.load(store, known, present=8, epoch=9) is False
    assert scripts.publish(store, "RING", epoch=8) is True

    assert levels(store, "RING") == Levels(9, 0, 0)


def test_what_another_server_was_told_is_not_published_here(store):
    """A failover between load and publishing: a replica may not have heard all of it."""
    two_products(store)
    scripts.load(store, Known(OnHand("RING", 9, 2), 0), present=None, epoch=8)
    store.hset(keys.stock("RING"), "server", "another?")

    assert scripts.publish(store, "RING", epoch=8) is False
    assert scripts.inspect(store, "RING") is None
