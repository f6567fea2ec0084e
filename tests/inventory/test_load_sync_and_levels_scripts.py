import pytest

from app.inventory import keys, scripts
from app.inventory.errors import UnknownToRedisError
from app.inventory.terms import Known, Levels, OnHand, Pending
from tests.inventory.shelf import (
    ASHA,
    BINA,
    CHITRA,
    EPOCH,
    MEERA,
    NAINA,
    QUARTER_HOUR,
    buyers,
    commit,
    everything,
    levels,
    now_ms,
    put,
    reserve,
    run_out,
    shelf,
    stock,
    tell,
)


def load(store, number, limit=0, *known, present=EPOCH, **more):
    return tell(store, Known(number, limit, *known, **more), present=present, epoch=8)


def sync(store, *numbers):
    scripts.sync(store, [OnHand(*number) for number in numbers])


def test_a_product_that_nobody_holds_is_loaded_as_postgres_has_it(store):
    assert load(store, OnHand("RING", 5, 7), 3)

    assert everything(store) == {"stock:{RING}": stock(store, 5, version=7, epoch=8, limit=3)}


def test_pending_reservations_are_loaded_with_their_deadlines(store):
    deadline_ms = now_ms(store) + QUARTER_HOUR
    pending = (Pending(ASHA, 2, MEERA, deadline_ms), Pending(BINA, 1, NAINA, deadline_ms + 1))

    assert load(store, OnHand("RING", 5, 7), 0, pending)

    assert everything(store) == {
        "reservations:{RING}": [
            (keys.member(ASHA, 2, MEERA), deadline_ms),
            (keys.member(BINA, 1, NAINA), deadline_ms + 1),
        ],
        "stock:{RING}": stock(store, 5, version=7, epoch=8, reserved=3),
    }
    assert levels(store, "RING").available == 2


def test_committed_units_are_loaded_as_postgres_has_not_yet_deducted_them(store):
    paid = {str(ASHA): (MEERA, 2), str(BINA): (NAINA, 1)}

    assert load(store, OnHand("RING", 5, 7), committed=paid)

    assert everything(store) == {
        "committed:{RING}": {str(ASHA): "2", str(BINA): "1"},
        "stock:{RING}": stock(store, 5, version=7, epoch=8, committed=3),
    }


def test_what_each_buyer_of_a_limited_product_has_is_loaded_too(store):
    pending = (Pending(ASHA, 2, MEERA, 2**41), Pending(BINA, 1, NAINA, 2**41))
    paid = {str(CHITRA): (MEERA, 1)}

    assert load(store, OnHand("RING", 5, 7), 9, pending, paid, {MEERA: 4})

    assert buyers(store, "RING") == {MEERA: "3", NAINA: "1", f"{MEERA}/paid": "4@7"}


def test_a_loaded_reservation_is_the_orders_own_again(store):
    put(store, RING=2, pending=(Pending(ASHA, 2, MEERA, now_ms(store) + QUARTER_HOUR),))

    assert reserve(store, ASHA, RING=2).taken == frozenset()

    assert levels(store, "RING") == Levels(2, 2, 0)


def test_a_pending_reservation_that_has_run_out_holds_nothing_once_somebody_looks(store):
    past_ms = now_ms(store) - 1
    put(store, RING=5, pending=(Pending(ASHA, 2, MEERA, past_ms),))

    assert levels(store, "RING") == Levels(5, 0, 0)

    assert shelf(store, "RING")["reservations"] == []


def test_a_product_that_this_server_was_told_of_by_the_same_load_is_not_loaded_over(store):
    put(store, RING=5)
    reserve(store, ASHA, RING=2)
    before = everything(store)

    assert not load(store, OnHand("RING", 9, 9), present=EPOCH)

    assert everything(store) == before


@pytest.mark.parametrize("present", [EPOCH + 1, EPOCH - 1, None])
def test_what_another_load_told_or_any_where_none_is_named_is_replaced_whole(store, present):
    put(store, RING=5, limit=4)
    reserve(store, ASHA, RING=2)
    commit(store, BINA, RING=1)
    store.delete(keys.reservation(ASHA))

    assert load(store, OnHand("RING", 9, 9), present=present)

    assert everything(store) == {"stock:{RING}": stock(store, 9, version=9, epoch=8)}


def test_a_newer_number_is_shown(store):
    put(store, RING=5)
    reserve(store, ASHA, RING=2)

    sync(store, ("RING", 9, 2))

    assert levels(store, "RING") == Levels(on_hand=9, reserved=2, committed=0)
    assert shelf(store, "RING")["version"] == 2


@pytest.mark.parametrize("version", [6, 7])
def test_a_number_that_is_not_newer_is_left_out(store, version):
    put(store, version=7, RING=5)
    before = everything(store)

    sync(store, ("RING", 9, version))

    assert everything(store) == before


def test_a_version_of_two_digits_is_newer_than_one_of_one(store):
    put(store, version=9, RING=5)

    sync(store, ("RING", 4, 10))

    assert levels(store, "RING").on_hand == 4


def test_a_product_that_redis_does_not_know_stays_unknown(store):
    sync(store, ("RING", 9, 2))

    assert everything(store) == {}


def test_each_product_of_a_sync_is_judged_alone(store):
    put(store, RING=5, CHAIN=5)

    sync(store, ("ANKLET", 1, 2), ("RING", 1, 2), ("CHAIN", 1, 1))

    assert scripts.levels(store, ["RING", "CHAIN"]) == {
        "RING": Levels(1, 0, 0),
        "CHAIN": Levels(5, 0, 0),
    }
    assert not store.exists(keys.stock("ANKLET"))


def test_levels_are_told_for_each_product_in_the_order_asked(store):
    put(store, RING=5, CHAIN=3, ANKLET=0)
    reserve(store, ASHA, RING=2)
    commit(store, BINA, RING=1, CHAIN=3)

    told = scripts.levels(store, ["RING", "ANKLET", "CHAIN"])

    assert list(told.items()) == [
        ("RING", Levels(5, 2, 1)),
        ("ANKLET", Levels(0, 0, 0)),
        ("CHAIN", Levels(3, 0, 3)),
    ]


def test_every_product_that_redis_does_not_know_is_named(store):
    put(store, RING=5)

    with pytest.raises(UnknownToRedisError) as unknown:
        scripts.levels(store, ["CHAIN", "RING", "ANKLET"])

    assert unknown.value.skus == ("CHAIN", "ANKLET")


def test_looking_returns_what_has_run_out_of_each_product_and_no_more(store):
    put(store, RING=5, CHAIN=5)
    reserve(store, ASHA, RING=2, CHAIN=1)
    reserve(store, BINA, RING=1)
    run_out(store, ASHA, RING=2)

    told = scripts.levels(store, ["RING", "CHAIN"])

    assert told == {"RING": Levels(5, 1, 0), "CHAIN": Levels(5, 1, 0)}
    assert shelf(store, "RING") == {
        "on_hand": 5, "version": 1, "reserved": 1, "committed": 0,
        "reservations": [keys.member(BINA, 1, MEERA)], "paid": {},
    }  # fmt: skip


def test_a_product_asked_for_twice_returns_what_has_run_out_once(store):
    put(store, RING=5)
    reserve(store, ASHA, RING=2)
    reserve(store, BINA, RING=1)
    run_out(store, ASHA, RING=2)

    assert scripts.levels(store, ["RING", "RING"]) == {"RING": Levels(5, 1, 0)}

    assert levels(store, "RING") == Levels(5, 1, 0)


def test_levels_never_tell_less_than_nothing_is_available():
    assert Levels(on_hand=1, reserved=2, committed=1).available == 0
