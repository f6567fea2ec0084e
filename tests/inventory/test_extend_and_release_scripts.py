from dataclasses import replace

import pytest

from app.inventory import keys, scripts
from app.inventory.errors import ReservationCommitted, UnknownToRedisError
from app.inventory.terms import Levels, Reserved
from tests.inventory.shelf import (
    ASHA,
    BINA,
    EPOCH,
    MEERA,
    NAINA,
    QUARTER_HOUR,
    claim,
    everything,
    levels,
    now_ms,
    put,
    reserve,
    run_out,
    set_deadline,
    shelf,
)

HOUR = 4 * QUARTER_HOUR


def extend(store, order, *, lifetime_ms=HOUR, **units):
    return scripts.extend(store, claim(order, units), lifetime_ms=lifetime_ms)


def release(store, order, *, fence=None, **units):
    scripts.release(store, claim(order, units), fence=fence)


def test_an_extended_reservation_is_held_until_the_later_deadline_on_every_line(store):
    put(store, RING=2, CHAIN=2)
    reserve(store, ASHA, RING=1, CHAIN=2)

    before = now_ms(store)
    extended = extend(store, ASHA, RING=1, CHAIN=2)
    after = now_ms(store)

    deadline_ms = extended.deadline_ms
    assert extended.epochs == {"CHAIN": EPOCH, "RING": EPOCH}
    assert before + HOUR <= deadline_ms <= after + HOUR
    assert store.zscore(keys.reservations("RING"), keys.member(ASHA, 1, MEERA)) == deadline_ms
    assert store.zscore(keys.reservations("CHAIN"), keys.member(ASHA, 2, MEERA)) == deadline_ms
    assert store.get(keys.reservation(ASHA)) == str(deadline_ms)
    assert QUARTER_HOUR < store.pttl(keys.reservation(ASHA)) <= HOUR
    assert levels(store, "RING") == Levels(2, 1, 0)
    assert levels(store, "CHAIN") == Levels(2, 2, 0)


def test_an_extension_tells_by_which_load_redis_knew_each_product(store):
    put(store, RING=5)
    put(store, CHAIN=5, epoch=8)
    reserve(store, ASHA, RING=2, CHAIN=1)

    assert extend(store, ASHA, RING=2, CHAIN=1).epochs == {"CHAIN": 8, "RING": EPOCH}


def test_an_extension_never_moves_a_deadline_in(store):
    put(store, RING=1)
    given = reserve(store, ASHA, RING=1).deadline_ms
    before = everything(store)

    assert extend(store, ASHA, lifetime_ms=1_000, RING=1).deadline_ms == given

    assert everything(store) == before


def test_the_latest_deadline_of_an_orders_lines_becomes_that_of_all(store):
    put(store, RING=1, CHAIN=1)
    given = reserve(store, ASHA, RING=1, CHAIN=1).deadline_ms
    set_deadline(store, ASHA, given + HOUR, RING=1)

    extended = extend(store, ASHA, lifetime_ms=1_000, RING=1, CHAIN=1)

    assert extended.deadline_ms == given + HOUR
    assert store.get(keys.reservation(ASHA)) == str(given + HOUR)
    assert store.zscore(keys.reservations("CHAIN"), keys.member(ASHA, 1, MEERA)) == given + HOUR


def test_an_order_that_lost_one_line_cannot_extend_the_other(store):
    put(store, RING=1, CHAIN=1)
    reserve(store, ASHA, RING=1, CHAIN=1)
    run_out(store, ASHA, RING=1)
    before = everything(store)

    assert extend(store, ASHA, RING=1, CHAIN=1) is None

    assert everything(store) == before


def test_an_order_that_reserved_nothing_has_nothing_to_extend(store):
    put(store, RING=1)
    reserve(store, BINA, RING=1)
    before = everything(store)

    assert extend(store, ASHA, RING=1) is None

    assert everything(store) == before


def test_a_paid_order_has_no_deadline_to_extend(store):
    put(store, RING=1)
    reserve(store, ASHA, RING=1)
    scripts.commit(store, claim(ASHA, {"RING": 1}))
    before = everything(store)

    assert extend(store, ASHA, RING=1) is None

    assert everything(store) == before


def test_released_units_are_on_sale_again_on_every_line(store):
    put(store, RING=2, CHAIN=2)
    before = everything(store)
    reserve(store, ASHA, RING=1, CHAIN=2)

    release(store, ASHA, RING=1, CHAIN=2)

    assert everything(store) == before


def test_giving_up_one_order_leaves_the_others_alone(store):
    put(store, RING=3)
    reserve(store, ASHA, RING=1)
    reserve(store, BINA, RING=1)

    release(store, ASHA, RING=1)

    assert shelf(store, "RING") == {
        "on_hand": 3, "version": 1, "reserved": 1, "committed": 0,
        "reservations": [keys.member(BINA, 1, MEERA)], "paid": {},
    }  # fmt: skip


def test_giving_up_twice_gives_back_once(store):
    put(store, RING=3)
    reserve(store, ASHA, RING=2)
    reserve(store, BINA, RING=1)

    release(store, ASHA, RING=2)
    release(store, ASHA, RING=2)

    assert levels(store, "RING") == Levels(3, 1, 0)


def test_giving_up_what_has_run_out_gives_back_once(store):
    put(store, RING=3)
    reserve(store, ASHA, RING=2)
    reserve(store, BINA, RING=1)
    run_out(store, ASHA, RING=2)

    release(store, ASHA, RING=2)

    assert levels(store, "RING") == Levels(3, 1, 0)


def test_giving_up_leaves_what_has_run_out_of_others_to_whoever_looks_next(store):
    put(store, RING=3)
    reserve(store, ASHA, RING=2)
    reserve(store, BINA, RING=1)
    run_out(store, BINA, RING=1)

    release(store, ASHA, RING=2)

    assert levels(store, "RING") == Levels(3, 0, 0)
    assert shelf(store, "RING") == {
        "on_hand": 3, "version": 1, "reserved": 0, "committed": 0, "reservations": [], "paid": {},
    }  # fmt: skip


def test_a_reservation_made_again_is_safe_from_whoever_gives_up_the_first(store):
    put(store, RING=2, CHAIN=2)
    first = reserve(store, ASHA, RING=1, CHAIN=1)
    again = first.deadline_ms + 5
    set_deadline(store, ASHA, again, RING=1, CHAIN=1)
    store.set(keys.reservation(ASHA), again)
    before = everything(store)

    release(store, ASHA, fence=first, RING=1, CHAIN=1)
    assert everything(store) == before

    second = Reserved({sku: replace(held, deadline_ms=again) for sku, held in first.lines.items()})
    release(store, ASHA, fence=second, RING=1, CHAIN=1)
    assert levels(store, "RING") == levels(store, "CHAIN") == Levels(2, 0, 0)
    assert not store.exists(keys.reservation(ASHA))


def test_only_the_line_that_was_not_made_again_is_given_up(store):
    put(store, RING=2, CHAIN=2)
    first = reserve(store, ASHA, RING=1, CHAIN=1)
    set_deadline(store, ASHA, first.deadline_ms + 5, RING=1)

    release(store, ASHA, fence=first, RING=1, CHAIN=1)

    assert levels(store, "RING") == Levels(2, 1, 0)
    assert levels(store, "CHAIN") == Levels(2, 0, 0)


def test_a_reservation_of_other_units_or_of_another_buyer_is_not_the_claims_own(store):
    put(store, RING=3)
    reserve(store, ASHA, RING=2)
    before = everything(store)
    store.delete(keys.reservation(ASHA))

    assert extend(store, ASHA, RING=1) is None
    release(store, ASHA, RING=1)
    scripts.release(store, claim(ASHA, {"RING": 2}, buyer=NAINA))

    store.set(keys.reservation(ASHA), before["reservation:{" + str(ASHA) + "}"])
    assert everything(store) == before


def test_what_is_paid_for_cannot_be_given_up(store):
    put(store, RING=2, CHAIN=2)
    reserve(store, ASHA, RING=1, CHAIN=1)
    scripts.commit(store, claim(ASHA, {"RING": 1, "CHAIN": 1}))
    before = everything(store)

    with pytest.raises(ReservationCommitted):
        release(store, ASHA, RING=1, CHAIN=1)

    assert everything(store) == before


def test_an_order_of_which_one_line_is_paid_for_gives_up_nothing(store):
    put(store, RING=2, CHAIN=2)
    reserve(store, ASHA, RING=1, CHAIN=1)
    scripts.commit(store, claim(ASHA, {"RING": 1}))
    before = everything(store)

    with pytest.raises(ReservationCommitted):
        release(store, ASHA, RING=1, CHAIN=1)

    assert everything(store) == before


def test_giving_up_units_of_a_product_that_redis_does_not_know_changes_nothing(store):
    release(store, ASHA, RING=1, CHAIN=1)

    assert everything(store) == {}


def test_a_product_that_redis_does_not_know_keeps_no_other_line_from_being_given_up(store):
    put(store, RING=1)
    reserve(store, ASHA, RING=1)

    release(store, ASHA, RING=1, CHAIN=1)

    assert levels(store, "RING") == Levels(1, 0, 0)
    assert not store.exists(keys.stock("CHAIN"))


@pytest.mark.parametrize(
    "forgets", [lambda s, key: s.delete(key), lambda s, key: s.hset(key, "server", "another")]
)
def test_a_product_that_redis_was_not_told_of_has_to_be_loaded_before(store, forgets):
    put(store, RING=3, CHAIN=2)
    reserve(store, ASHA, RING=1, CHAIN=1)
    forgets(store, keys.stock("RING"))
    before = everything(store)

    with pytest.raises(UnknownToRedisError) as unknown:
        extend(store, ASHA, RING=1, CHAIN=1)

    assert unknown.value.skus == ("RING",)
    assert everything(store) == before
