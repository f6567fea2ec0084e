import pytest

from app.inventory import keys, scripts
from app.inventory.errors import InsufficientStock, UnknownToRedisError
from app.inventory.scripts import Levels, OnHand
from tests.inventory.shelf import (
    ASHA,
    BINA,
    CHITRA,
    everything,
    levels,
    put,
    reserve,
    run_out,
    shelf,
)


def commit(store, order, **units):
    scripts.commit(store, order, units)


def settle(store, order, *numbers):
    scripts.settle(store, order, [OnHand(*number) for number in numbers])


def test_paid_units_are_committed_and_no_longer_reserved(store):
    put(store, RING=5, CHAIN=5)
    reserve(store, ASHA, RING=2, CHAIN=1)

    commit(store, ASHA, RING=2, CHAIN=1)

    assert everything(store) == {
        "committed:{CHAIN}": {str(ASHA): "1"},
        "committed:{RING}": {str(ASHA): "2"},
        "stock:{CHAIN}": {"on_hand": "5", "version": "1", "reserved": "0", "committed": "1"},
        "stock:{RING}": {"on_hand": "5", "version": "1", "reserved": "0", "committed": "2"},
    }
    assert levels(store, "RING").available == 3


def test_committing_twice_takes_units_once(store):
    put(store, RING=5)
    reserve(store, ASHA, RING=2)
    reserve(store, BINA, RING=1)
    commit(store, ASHA, RING=2)
    before = everything(store)

    commit(store, ASHA, RING=2)

    assert everything(store) == before


def test_a_late_payment_takes_the_units_again_where_they_are_still_there(store):
    put(store, RING=2, CHAIN=2)
    reserve(store, ASHA, RING=2, CHAIN=1)
    run_out(store, ASHA, RING=2, CHAIN=1)

    commit(store, ASHA, RING=2, CHAIN=1)

    assert levels(store, "RING") == Levels(on_hand=2, reserved=0, committed=2)
    assert levels(store, "CHAIN") == Levels(on_hand=2, reserved=0, committed=1)


def test_a_payment_without_any_reservation_takes_units_that_are_there(store):
    put(store, RING=2)
    reserve(store, BINA, RING=1)

    commit(store, ASHA, RING=1)

    assert levels(store, "RING") == Levels(on_hand=2, reserved=1, committed=1)


def test_a_late_payment_is_refused_where_the_units_went_to_others(store):
    put(store, RING=2, CHAIN=2)
    reserve(store, ASHA, RING=2, CHAIN=1)
    run_out(store, ASHA, RING=2)
    reserve(store, BINA, RING=1)
    before = everything(store)

    with pytest.raises(InsufficientStock) as refused:
        commit(store, ASHA, RING=2, CHAIN=1)

    assert refused.value.members == {"lines": [{"sku": "RING", "requested": 2, "available": 1}]}
    assert everything(store) == before


def test_a_refused_payment_still_returns_what_has_run_out(store):
    put(store, RING=2)
    reserve(store, ASHA, RING=1)
    reserve(store, BINA, RING=1)
    run_out(store, ASHA, RING=1)

    with pytest.raises(InsufficientStock):
        commit(store, CHITRA, RING=2)

    assert levels(store, "RING") == Levels(on_hand=2, reserved=1, committed=0)
    assert shelf(store, "RING")["reservations"] == [f"{BINA}:1"]


def test_held_units_are_committed_even_where_on_hand_fell_below_them(store):
    put(store, RING=2)
    reserve(store, ASHA, RING=2)
    scripts.sync(store, [OnHand("RING", 1, 2)])

    commit(store, ASHA, RING=2)

    assert levels(store, "RING") == Levels(on_hand=1, reserved=0, committed=2)
    assert levels(store, "RING").available == 0


def test_a_payment_for_a_product_that_redis_does_not_know_changes_nothing(store):
    put(store, RING=2)
    reserve(store, ASHA, RING=1)
    before = everything(store)

    with pytest.raises(UnknownToRedisError) as unknown:
        commit(store, ASHA, RING=1, CHAIN=1, ANKLET=1)

    assert unknown.value.skus == ("ANKLET", "CHAIN")
    assert everything(store) == before


def test_an_order_of_which_one_line_is_committed_commits_the_other(store):
    put(store, RING=2, CHAIN=2)
    reserve(store, ASHA, RING=1, CHAIN=1)
    commit(store, ASHA, RING=1)

    commit(store, ASHA, RING=1, CHAIN=1)

    assert levels(store, "RING") == levels(store, "CHAIN") == Levels(2, 0, 1)


def test_settled_units_leave_committed_and_on_hand_together(store):
    put(store, RING=5, CHAIN=5)
    reserve(store, ASHA, RING=2, CHAIN=1)
    commit(store, ASHA, RING=2, CHAIN=1)

    settle(store, ASHA, ("CHAIN", 4, 2), ("RING", 3, 2))

    assert everything(store) == {
        "stock:{CHAIN}": {"on_hand": "4", "version": "2", "reserved": "0", "committed": "0"},
        "stock:{RING}": {"on_hand": "3", "version": "2", "reserved": "0", "committed": "0"},
    }


def test_settling_twice_changes_nothing_more(store):
    put(store, RING=5)
    commit(store, ASHA, RING=2)
    commit(store, BINA, RING=1)
    settle(store, ASHA, ("RING", 3, 2))
    before = everything(store)

    settle(store, ASHA, ("RING", 3, 2))

    assert everything(store) == before


def test_an_older_number_drops_the_units_but_does_not_become_on_hand(store):
    put(store, version=7, RING=5)
    commit(store, ASHA, RING=2)

    settle(store, ASHA, ("RING", 9, 6))

    assert shelf(store, "RING") == {
        "on_hand": 5, "version": 7, "reserved": 0, "committed": 0, "reservations": [], "paid": {},
    }  # fmt: skip


def test_orders_that_settle_out_of_order_end_exact_and_promise_nothing_twice_on_the_way(store):
    put(store, RING=5)
    commit(store, ASHA, RING=2)
    commit(store, BINA, RING=1)

    settle(store, BINA, ("RING", 2, 3))
    assert levels(store, "RING") == Levels(on_hand=2, reserved=0, committed=2)
    assert levels(store, "RING").available == 0

    settle(store, ASHA, ("RING", 3, 2))
    assert levels(store, "RING") == Levels(on_hand=2, reserved=0, committed=0)


def test_an_order_committed_again_after_it_was_settled_is_dropped_without_a_trace(store):
    put(store, RING=5)
    commit(store, ASHA, RING=2)
    settle(store, ASHA, ("RING", 3, 2))
    before = everything(store)

    commit(store, ASHA, RING=2)
    settle(store, ASHA, ("RING", 3, 2))

    assert everything(store) == before


def test_settling_a_product_that_redis_does_not_know_teaches_it_nothing(store):
    settle(store, ASHA, ("RING", 3, 2))

    assert everything(store) == {}


def test_settling_while_redis_forgot_the_product_still_drops_the_orders_units(store):
    put(store, RING=5)
    commit(store, ASHA, RING=2)
    commit(store, BINA, RING=1)
    store.delete(keys.stock("RING"))

    settle(store, ASHA, ("RING", 3, 2))
    put(store, version=2, RING=3)

    assert levels(store, "RING") == Levels(on_hand=3, reserved=0, committed=1)


def test_a_held_order_is_committed_while_the_deductions_of_others_settle_out_of_order(store):
    put(store, RING=6)
    commit(store, ASHA, RING=3)
    commit(store, BINA, RING=2)
    reserve(store, CHITRA, RING=1)
    settle(store, BINA, ("RING", 1, 3))

    commit(store, CHITRA, RING=1)

    settle(store, ASHA, ("RING", 3, 2))
    assert levels(store, "RING") == Levels(on_hand=1, reserved=0, committed=1)


def test_an_order_stays_committed_while_the_deductions_of_others_settle_out_of_order(store):
    put(store, RING=6)
    commit(store, ASHA, RING=3)
    commit(store, BINA, RING=2)
    commit(store, CHITRA, RING=1)
    settle(store, BINA, ("RING", 1, 3))
    before = everything(store)

    commit(store, CHITRA, RING=1)

    assert everything(store) == before
