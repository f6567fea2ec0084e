"""A product may be split otherwise at any moment: told anew, lost, repaired; nothing is missing."""

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from app.catalog.models import Product
from app.core import redis_client
from app.core.db import transaction
from app.inventory import (
    adjustments,
    counters,
    keys,
    ledger,
    reconciler,
    reservations,
    scripts,
    stock,
    telling,
)
from app.inventory.adjustments import Change
from app.inventory.errors import InsufficientStock, StaleEpoch
from app.inventory.models import StockDrift
from app.inventory.terms import Booking, Levels
from tests.builders import values
from tests.inventory.split.quarters import (
    COUNT,
    UNITS,
    claim_at,
    free,
    order_at,
    reserve,
    shares,
    split,
    suspicions,
)
from tests.races import books
from workers import stock as work


def test_what_was_gathered_is_split_again_once_many_are_free(shop, redis, session, ring):
    assert order_at(shop, 0, 37).status_code == 201
    assert shares(session) is None
    work._compare("")
    assert shares(session) is None

    adjustments.adjust(
        redis, [Change("RING", "receipt", 16, "made")], reference="more", actor="asha"
    )
    work._compare("")

    assert len(shares(session)) == COUNT
    assert shop.levels("ring") == Levels(56, 37, 0)


def test_a_process_that_remembers_another_asks_again(shop, redis, ring):
    for remembered in (1, 2, 64):
        counters.learn("RING", remembered)

        assert shop.customer().check_out(ring=1).status_code == 201
        assert counters.count_of("RING") == COUNT


def test_what_others_have_gathered_is_committed_extended_and_released(shop, redis, session, ring):
    claims = [shop.claim(order_at(shop, n, 1).json["id"]) for n in range(3)]
    split(redis, 1)
    for act in (
        lambda: reservations.commit(redis, claims[0]),
        lambda: reservations.extend(redis, claims[1], lifetime_seconds=1_800),
        lambda: reservations.release(redis, claims[2]),
    ):
        counters.learn("RING", COUNT)
        act()

    assert shop.levels("ring") == Levels(UNITS, 1, 1)


def test_without_looking_again_what_is_released_would_stay_held(shop, redis, ring, monkeypatch):
    claim = shop.claim(order_at(shop, 1, 1).json["id"])
    split(redis, 1)
    counters.learn("RING", COUNT)
    monkeypatch.setattr(stock, "relearn", lambda *_: False)

    reservations.release(redis, claim)

    assert stock.levels(redis, ["RING"])["RING"].reserved == 1


def test_what_is_settled_after_it_was_split_otherwise_is_found(shop, redis, session, ring):
    claim = shop.claim(order_at(shop, 1, 2).json["id"])
    reservations.commit(redis, claim)
    with transaction() as opened:
        found = ledger.numbers(opened, ["RING"], buyer=claim.buyer)
    split(redis, 1)
    assert shop.levels("ring") == Levels(UNITS, 0, 2)

    ledger.settle(redis, claim, found)

    assert shop.levels("ring") == Levels(UNITS, 0, 0)


@pytest.mark.parametrize(("before", "after"), [(COUNT, 1), (1, COUNT), (COUNT, 2)])
def test_a_load_that_dies_half_way_loses_neither_units_nor_commits(
    shop, redis, session, monkeypatch, before, after
):
    shop.product("ring", UNITS, counters=before)
    paid = shop.claim(shop.customer().check_out(ring=2).json["id"])
    assert shop.customer().check_out(ring=3).status_code == 201
    reservations.commit(redis, paid)

    def die(*_, **__):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        # The last that is done before Postgres commits.
        patch.setattr(stock.log, "info", die)
        with pytest.raises(ZeroDivisionError):
            split(redis, after)

    assert shop.levels("ring") == Levels(UNITS, 3, 2)
    assert len(shares(session) or [0]) == before
    assert suspicions(session, redis) == {}


def test_a_load_that_dies_before_it_is_told_is_ended_by_the_next(
    shop, redis, session, ring, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(scripts, "publish", lambda *_, **__: True)
        split(redis, 1)
    counters.learn("RING", COUNT)

    assert shop.customer().check_out(ring=1).status_code == 201
    assert shop.levels("ring") == Levels(UNITS, 1, 0)


@pytest.mark.parametrize("is_hidden", [True, False], ids=["hidden", "left to be found"])
def test_who_releases_between_a_load_and_what_makes_it_known_gives_units_back(
    shop, redis, ring, monkeypatch, is_hidden
):
    """The negative control shows that they would be given back where nobody sells from any more."""
    claim = shop.claim(order_at(shop, 1, 2).json["id"])
    with monkeypatch.context() as patch:
        patch.setattr(telling, "publish", lambda *_: None)
        if not is_hidden:
            patch.setattr(telling, "hide", lambda *_: None)
        split(redis, 1)

    reservations.release(redis, claim)

    counters.learn("RING", 1)
    assert shop.levels("ring").reserved == (0 if is_hidden else 2)


def test_units_that_a_counter_never_had_are_deducted_from_none(shop, redis, session, ring):
    """Somebody's hand in Redis: told anew, the payer has those of another counter."""
    name = keys.counter("RING", 1, COUNT)
    redis.hset(keys.stock(name), "on_hand", 30)
    claim = claim_at(1, 15)
    epochs = reservations.commit(redis, claim)

    with pytest.raises(StaleEpoch), transaction() as opened:
        ledger.deduct(
            opened, redis, claim, epochs, Booking("worn", "asha", "worn"), kind="write_off"
        )

    assert reservations.commit(redis, claim) != epochs
    assert shop.levels("ring") == Levels(UNITS, 0, 15)
    assert sum(shares(session) or [UNITS]) == UNITS


def test_what_is_dropped_late_is_not_what_a_later_load_told(shop, redis, ring):
    epoch = shop.epoch("ring")
    split(redis, 1)
    split(redis, COUNT)

    scripts.discard(redis, keys.counter("RING", 0, COUNT), epoch=epoch + 1)

    assert free(redis, 0) == 10


def test_a_checkout_on_an_older_layout_is_not_written(shop, redis, session, ring):
    claim = claim_at(1)
    reserved = reserve(redis, claim)
    split(redis, 1)

    assert reserved.epochs != {"RING": shop.epoch("ring")}
    assert shop.levels("ring").reserved == 0


def test_with_a_waiting_room_it_has_one_counter(shop, redis, session, ring):
    with transaction() as opened:
        opened.execute(update(Product).values(has_waiting_room=True))
        stock.load(opened, redis, ["RING"], is_forced=True)

    assert shares(session) is None


def test_who_asks_for_a_turn_where_there_is_no_room_buys_at_once(shop, ring):
    answer = shop.customer().post("/api/v1/products/ring/waiting-room")

    assert (answer.status_code, answer.json["state"]) == (200, "open")


def repair(session, redis):
    found = suspicions(session, redis)
    assert found
    return reconciler.repair(redis, "RING", found["RING"], longest_ms=1_800_000)


def test_a_counter_with_another_number_is_repaired(shop, redis, session, ring):
    name = keys.counter("RING", 2, COUNT)
    redis.hset(keys.stock(name), "on_hand", 12)

    assert repair(session, redis) == [f"on_hand {name}"]

    assert values(session.execute(select(StockDrift.kind))) == [("on_hand",)]
    assert suspicions(session, redis) == {}
    assert shop.levels("ring") == Levels(UNITS, 0, 0)


def test_what_is_held_by_anothers_counter_is_repaired(shop, redis, session, ring):
    claim = shop.claim(order_at(shop, 1, 1).json["id"])
    own, other = (keys.counter("RING", number, COUNT) for number in (1, 3))
    member = keys.member(claim.id, 1, claim.buyer)
    deadline = redis.zscore(keys.reservations(own), member)
    redis.zrem(keys.reservations(own), member)
    redis.zadd(keys.reservations(other), {member: deadline})
    redis.hset(keys.stock(own), "reserved", 0)
    redis.hset(keys.stock(other), "reserved", 1)

    kinds = {name.partition(" ")[0] for name in repair(session, redis)}

    assert kinds == {"missing", "ended"}
    assert suspicions(session, redis) == {}
    books.check_holdings(books.look(session, redis, ["RING"])["RING"])


def test_the_shares_always_add_up_whoever_writes(session, ring):
    for change in ("stock_quantity = stock_quantity + 1", "on_hand_by_counter = '{50,-10}'"):
        with pytest.raises(IntegrityError, match="adds_up"):
            session.execute(text(f"UPDATE products SET {change}"))


def test_redis_may_be_lost_at_any_time(shop, redis, session, ring):
    assert [order_at(shop, number, 1).status_code for number in range(COUNT)] == [201] * COUNT

    redis.flushall()

    assert shop.levels("ring") == Levels(UNITS, COUNT, 0)
    assert suspicions(session, redis) == {}


def test_where_one_counter_is_lost_all_are_told_anew(shop, redis, session, ring):
    assert order_at(shop, 0, 1).status_code == 201
    redis.delete(*keys.of_products([keys.counter("RING", 0, COUNT)]))

    with pytest.raises(InsufficientStock):
        reserve(redis_client.redis(), claim_at(0, UNITS))

    assert shop.levels("ring") == Levels(UNITS, 1, 0)
