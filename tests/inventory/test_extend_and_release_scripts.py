import pytest

from app.inventory import keys, scripts
from app.inventory.errors import ReservationCommitted
from app.inventory.scripts import Levels
from tests.inventory.shelf import (
    ASHA,
    BINA,
    QUARTER_HOUR,
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
    return scripts.extend(store, order, units, lifetime_ms=lifetime_ms)


def release(store, order, *, deadline_ms=None, **units):
    scripts.release(store, order, units, deadline_ms=deadline_ms)


def test_an_extended_reservation_is_held_until_the_later_deadline_on_every_line(store):
    put(store, RING=2, CHAIN=2)
    reserve(store, ASHA, RING=1, CHAIN=2)

    before = now_ms(store)
    deadline_ms = extend(store, ASHA, RING=1, CHAIN=2)
    after = now_ms(store)

    assert before + HOUR <= deadline_ms <= after + HOUR
    assert store.zscore(keys.reservations("RING"), f"{ASHA}:1") == deadline_ms
    assert store.zscore(keys.reservations("CHAIN"), f"{ASHA}:2") == deadline_ms
    assert store.get(keys.reservation(ASHA)) == str(deadline_ms)
    assert QUARTER_HOUR < store.pttl(keys.reservation(ASHA)) <= HOUR
    assert levels(store, "RING") == Levels(2, 1, 0)
    assert levels(store, "CHAIN") == Levels(2, 2, 0)


def test_an_extension_never_moves_a_deadline_in(store):
    put(store, RING=1)
    given = reserve(store, ASHA, RING=1).deadline_ms
    before = everything(store)

    assert extend(store, ASHA, lifetime_ms=1_000, RING=1) == given

    assert everything(store) == before


def test_the_latest_deadline_of_an_orders_lines_becomes_that_of_all(store):
    put(store, RING=1, CHAIN=1)
    given = reserve(store, ASHA, RING=1, CHAIN=1).deadline_ms
    set_deadline(store, ASHA, given + HOUR, RING=1)

    assert extend(store, ASHA, lifetime_ms=1_000, RING=1, CHAIN=1) == given + HOUR

    assert store.zscore(keys.reservations("CHAIN"), f"{ASHA}:1") == given + HOUR


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


def test_a_reservation_that_redis_forgot_has_to_be_loaded_before_it_can_be_extended(store):
    put(store, RING=1)
    reserve(store, ASHA, RING=1)
    store.delete(keys.stock("RING"))
    before = everything(store)

    assert extend(store, ASHA, RING=1) is None

    assert everything(store) == before


def test_a_paid_order_has_no_deadline_to_extend(store):
    put(store, RING=1)
    reserve(store, ASHA, RING=1)
    scripts.commit(store, ASHA, {"RING": 1})
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
        "reservations": [f"{BINA}:1"], "paid": {},
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


def test_giving_up_returns_what_has_run_out_of_others_too(store):
    put(store, RING=3)
    reserve(store, ASHA, RING=2)
    reserve(store, BINA, RING=1)
    run_out(store, BINA, RING=1)

    release(store, ASHA, RING=2)

    assert shelf(store, "RING") == {
        "on_hand": 3, "version": 1, "reserved": 0, "committed": 0, "reservations": [], "paid": {},
    }  # fmt: skip


def test_a_reservation_made_again_is_safe_from_whoever_gives_up_the_first(store):
    put(store, RING=2, CHAIN=2)
    first = reserve(store, ASHA, RING=1, CHAIN=1)
    set_deadline(store, ASHA, first.deadline_ms + 5, RING=1, CHAIN=1)
    before = everything(store)

    release(store, ASHA, deadline_ms=first.deadline_ms, RING=1, CHAIN=1)
    assert everything(store) == before

    release(store, ASHA, deadline_ms=first.deadline_ms + 5, RING=1, CHAIN=1)
    assert levels(store, "RING") == levels(store, "CHAIN") == Levels(2, 0, 0)
    assert not store.exists(keys.reservation(ASHA))


def test_what_is_paid_for_cannot_be_given_up(store):
    put(store, RING=2, CHAIN=2)
    reserve(store, ASHA, RING=1, CHAIN=1)
    scripts.commit(store, ASHA, {"RING": 1, "CHAIN": 1})
    before = everything(store)

    with pytest.raises(ReservationCommitted):
        release(store, ASHA, RING=1, CHAIN=1)

    assert everything(store) == before


def test_an_order_of_which_one_line_is_paid_for_gives_up_nothing(store):
    put(store, RING=2, CHAIN=2)
    reserve(store, ASHA, RING=1, CHAIN=1)
    scripts.commit(store, ASHA, {"RING": 1})
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
