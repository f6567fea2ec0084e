import pytest

from app.inventory import keys, scripts
from app.inventory.errors import InsufficientStock, UnknownToRedisError
from app.inventory.terms import Levels, OnHand, Pending
from tests.inventory.shelf import (
    ASHA,
    BINA,
    CHITRA,
    EPOCH,
    MEERA,
    QUARTER_HOUR,
    claim,
    commit,
    everything,
    levels,
    now_ms,
    put,
    reserve,
    run_out,
    shelf,
    stock,
)


def settle(store, order, *numbers, **units):
    scripts.settle(store, claim(order, units), [OnHand(*number) for number in numbers])


def test_paid_units_are_committed_and_no_longer_reserved(store):
    put(store, RING=5, CHAIN=5)
    reserve(store, ASHA, RING=2, CHAIN=1)

    commit(store, ASHA, RING=2, CHAIN=1)

    assert everything(store) == {
        "committed:{CHAIN}": {str(ASHA): "1"},
        "committed:{RING}": {str(ASHA): "2"},
        "stock:{CHAIN}": stock(store, 5, committed=1),
        "stock:{RING}": stock(store, 5, committed=2),
    }
    assert levels(store, "RING").available == 3


def test_a_commit_tells_by_which_load_redis_knew_each_product_however_often_it_is_asked(store):
    put(store, RING=5)
    put(store, CHAIN=5, epoch=8)

    assert commit(store, ASHA, RING=2, CHAIN=1) == {"CHAIN": 8, "RING": EPOCH}
    assert commit(store, ASHA, RING=2, CHAIN=1) == {"CHAIN": 8, "RING": EPOCH}


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
    assert shelf(store, "RING")["reservations"] == [keys.member(BINA, 1, MEERA)]


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

    settle(store, ASHA, ("CHAIN", 4, 2), ("RING", 3, 2), CHAIN=1, RING=2)

    assert everything(store) == {
        "stock:{CHAIN}": stock(store, 4, version=2),
        "stock:{RING}": stock(store, 3, version=2),
    }


def test_settling_twice_changes_nothing_more(store):
    put(store, RING=5)
    commit(store, ASHA, RING=2)
    commit(store, BINA, RING=1)
    settle(store, ASHA, ("RING", 3, 2), RING=2)
    before = everything(store)

    settle(store, ASHA, ("RING", 3, 2), RING=2)

    assert everything(store) == before


@pytest.mark.parametrize("version", [6, 7])
def test_a_number_that_is_not_newer_drops_the_units_but_does_not_become_on_hand(store, version):
    put(store, version=7, RING=5)
    commit(store, ASHA, RING=2)

    settle(store, ASHA, ("RING", 9, version), RING=2)

    assert shelf(store, "RING") == {
        "on_hand": 5, "version": 7, "reserved": 0, "committed": 0, "reservations": [], "paid": {},
    }  # fmt: skip


def test_orders_that_settle_out_of_order_end_exact_and_promise_nothing_twice_on_the_way(store):
    put(store, RING=5)
    commit(store, ASHA, RING=2)
    commit(store, BINA, RING=1)

    settle(store, BINA, ("RING", 2, 3), RING=1)
    assert levels(store, "RING") == Levels(on_hand=2, reserved=0, committed=2)
    assert levels(store, "RING").available == 0

    settle(store, ASHA, ("RING", 3, 2), RING=2)
    assert levels(store, "RING") == Levels(on_hand=2, reserved=0, committed=0)


def test_an_order_committed_again_after_it_was_settled_is_dropped_without_a_trace(store):
    put(store, RING=5)
    commit(store, ASHA, RING=2)
    settle(store, ASHA, ("RING", 3, 2), RING=2)
    before = everything(store)

    commit(store, ASHA, RING=2)
    settle(store, ASHA, ("RING", 3, 2), RING=2)

    assert everything(store) == before


def test_settling_a_product_that_redis_does_not_know_teaches_it_nothing(store):
    settle(store, ASHA, ("RING", 3, 2), RING=2)

    assert everything(store) == {}


def test_settling_while_redis_forgot_the_product_still_drops_the_orders_units(store):
    put(store, RING=5)
    commit(store, ASHA, RING=2)
    commit(store, BINA, RING=1)
    store.delete(keys.stock("RING"))

    settle(store, ASHA, ("RING", 3, 2), RING=2)

    assert everything(store) == {"committed:{RING}": {str(BINA): "1"}}


def test_settling_drops_what_a_reload_put_back_for_the_order(store):
    put(store, RING=5, pending=(Pending(ASHA, 2, MEERA, now_ms(store) + QUARTER_HOUR),))

    settle(store, ASHA, ("RING", 3, 2), RING=2)

    assert everything(store) == {"stock:{RING}": stock(store, 3, version=2)}


def test_what_a_refused_order_has_committed_is_dropped_without_a_new_number(store):
    put(store, version=0, RING=5)
    commit(store, ASHA, RING=2)

    settle(store, ASHA, ("RING", 0, -1), RING=2)

    assert everything(store) == {"stock:{RING}": stock(store, 5, version=0)}


def test_a_held_order_is_committed_while_the_deductions_of_others_settle_out_of_order(store):
    put(store, RING=6)
    commit(store, ASHA, RING=3)
    commit(store, BINA, RING=2)
    reserve(store, CHITRA, RING=1)
    settle(store, BINA, ("RING", 1, 3), RING=2)

    commit(store, CHITRA, RING=1)

    settle(store, ASHA, ("RING", 3, 2), RING=3)
    assert levels(store, "RING") == Levels(on_hand=1, reserved=0, committed=1)


def test_an_order_stays_committed_while_the_deductions_of_others_settle_out_of_order(store):
    put(store, RING=6)
    commit(store, ASHA, RING=3)
    commit(store, BINA, RING=2)
    commit(store, CHITRA, RING=1)
    settle(store, BINA, ("RING", 1, 3), RING=2)
    before = everything(store)

    commit(store, CHITRA, RING=1)

    assert everything(store) == before
