import pytest

from app.inventory import keys, scripts
from app.inventory.errors import UnknownToRedisError
from app.inventory.scripts import Levels, OnHand, Pending
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
    shelf,
)


def sync(store, *numbers):
    scripts.sync(store, [OnHand(*number) for number in numbers])


def test_a_product_without_reservations_is_loaded_as_postgres_has_it(store):
    assert scripts.load(store, OnHand("RING", 5, 7), [])

    assert everything(store) == {
        "stock:{RING}": {"on_hand": "5", "version": "7", "reserved": "0", "committed": "0"}
    }


def test_pending_reservations_are_loaded_with_their_deadlines(store):
    deadline_ms = now_ms(store) + QUARTER_HOUR
    pending = [Pending(ASHA, 2, deadline_ms), Pending(BINA, 1, deadline_ms + 1)]

    assert scripts.load(store, OnHand("RING", 5, 7), pending)

    assert everything(store) == {
        "reservations:{RING}": [(f"{ASHA}:2", deadline_ms), (f"{BINA}:1", deadline_ms + 1)],
        "stock:{RING}": {"on_hand": "5", "version": "7", "reserved": "3", "committed": "0"},
    }
    assert levels(store, "RING").available == 2


def test_a_loaded_reservation_is_the_orders_own_again(store):
    put(store, RING=2, pending=(Pending(ASHA, 2, now_ms(store) + QUARTER_HOUR),))

    assert reserve(store, ASHA, RING=2).taken == {}

    assert levels(store, "RING") == Levels(2, 2, 0)


def test_a_pending_reservation_that_has_run_out_holds_nothing_once_somebody_looks(store):
    past_ms = now_ms(store) - 1
    put(store, RING=5, pending=(Pending(ASHA, 2, past_ms),))

    assert levels(store, "RING") == Levels(5, 0, 0)

    assert shelf(store, "RING")["reservations"] == []


def test_a_product_that_redis_knows_is_not_loaded_over(store):
    put(store, RING=5)
    reserve(store, ASHA, RING=2)
    before = everything(store)

    assert not scripts.load(store, OnHand("RING", 9, 9), [Pending(BINA, 1, 1)])

    assert everything(store) == before


def test_committed_units_outlive_a_product_that_redis_forgot(store):
    put(store, RING=5)
    scripts.commit(store, ASHA, {"RING": 2})
    reserve(store, BINA, RING=1)
    store.delete(keys.stock("RING"))

    put(store, version=2, RING=5)

    assert shelf(store, "RING") == {
        "on_hand": 5, "version": 2, "reserved": 0, "committed": 2,
        "reservations": [], "paid": {str(ASHA): 2},
    }  # fmt: skip


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
    scripts.commit(store, BINA, {"RING": 1, "CHAIN": 3})

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
        "reservations": [f"{BINA}:1"], "paid": {},
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
