import time

import pytest

from app.inventory import keys, scripts
from app.inventory.errors import InsufficientStock, UnknownToRedisError
from app.inventory.terms import Held, Levels, OnHand, Reserved
from tests.inventory.shelf import (
    ASHA,
    BINA,
    CHITRA,
    EPOCH,
    MEERA,
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
    stock,
)


def test_reserved_units_are_out_of_sale_until_the_deadline_by_redis_clock(store):
    put(store, RING=5)

    before = now_ms(store)
    reserved = reserve(store, ASHA, RING=2)
    after = now_ms(store)

    assert reserved == Reserved({"RING": Held(reserved.deadline_ms, EPOCH, is_new=True)})
    assert before + QUARTER_HOUR <= reserved.deadline_ms <= after + QUARTER_HOUR
    assert levels(store, "RING") == Levels(on_hand=5, reserved=2, committed=0)
    assert levels(store, "RING").available == 3


def test_every_line_and_the_order_itself_carry_the_same_deadline(store):
    put(store, RING=5, CHAIN=5)

    deadline_ms = reserve(store, ASHA, RING=2, CHAIN=1).deadline_ms

    assert everything(store) == {
        "reservation:{00000000-0000-0000-0000-00000000000a}": str(deadline_ms),
        "reservations:{CHAIN}": [(keys.member(ASHA, 1, MEERA), deadline_ms)],
        "reservations:{RING}": [(keys.member(ASHA, 2, MEERA), deadline_ms)],
        "stock:{CHAIN}": stock(store, 5, reserved=1),
        "stock:{RING}": stock(store, 5, reserved=2),
    }
    assert 0 < store.pttl(keys.reservation(ASHA)) <= QUARTER_HOUR


def test_each_line_tells_by_which_load_redis_knew_the_product(store):
    put(store, RING=5)
    put(store, CHAIN=5, epoch=8)
    reserve(store, ASHA, CHAIN=1)

    reserved = reserve(store, ASHA, RING=2, CHAIN=1)

    assert reserved.epochs == {"CHAIN": 8, "RING": EPOCH}
    assert reserved.taken == {"RING"}


def test_the_last_unit_is_promised_to_one_buyer_only(store):
    put(store, RING=1)

    reserve(store, ASHA, RING=1)
    with pytest.raises(InsufficientStock) as refused:
        reserve(store, BINA, RING=1)

    assert refused.value.members == {"lines": [{"sku": "RING", "requested": 1, "available": 0}]}
    assert shelf(store, "RING")["reservations"] == [keys.member(ASHA, 1, MEERA)]


def test_every_short_line_is_named_and_every_line_left_untouched(store):
    put(store, ANKLET=1, BANGLE=9, CHAIN=3)
    reserve(store, BINA, CHAIN=1)
    before = everything(store)

    with pytest.raises(InsufficientStock) as refused:
        reserve(store, ASHA, CHAIN=4, BANGLE=9, ANKLET=2)

    assert refused.value.members == {
        "lines": [
            {"sku": "ANKLET", "requested": 2, "available": 1},
            {"sku": "CHAIN", "requested": 4, "available": 2},
        ]
    }
    assert everything(store) == before


def test_a_product_that_redis_does_not_know_is_not_taken_for_one_of_which_there_is_none(store):
    put(store, RING=0)
    before = everything(store)

    with pytest.raises(UnknownToRedisError) as unknown:
        reserve(store, ASHA, RING=1, ANKLET=1, CHAIN=1)

    assert unknown.value.skus == ("ANKLET", "CHAIN")
    assert everything(store) == before


def test_an_order_that_reserves_again_takes_nothing_more_and_gets_a_new_deadline(store):
    put(store, RING=3)
    first = reserve(store, ASHA, RING=2)
    set_deadline(store, ASHA, first.deadline_ms - 60_000, RING=2)

    again = reserve(store, ASHA, RING=2)

    assert again == Reserved({"RING": Held(again.deadline_ms, EPOCH, is_new=False)})
    assert again.deadline_ms >= first.deadline_ms
    assert store.zscore(keys.reservations("RING"), keys.member(ASHA, 2, MEERA)) == again.deadline_ms
    assert store.get(keys.reservation(ASHA)) == str(again.deadline_ms)
    assert levels(store, "RING") == Levels(on_hand=3, reserved=2, committed=0)


def test_what_an_order_holds_never_counts_against_itself(store):
    put(store, RING=1)
    reserve(store, ASHA, RING=1)
    assert levels(store, "RING").available == 0

    again = reserve(store, ASHA, RING=1)

    assert again.taken == frozenset()


def test_an_order_keeps_what_it_holds_while_the_deductions_of_others_settle_out_of_order(store):
    put(store, RING=6)
    scripts.commit(store, claim(BINA, {"RING": 3}))
    scripts.commit(store, claim(CHITRA, {"RING": 2}))
    reserve(store, ASHA, RING=1)
    scripts.settle(store, claim(CHITRA, {"RING": 2}), [OnHand("RING", 1, 3)])
    assert levels(store, "RING") == Levels(on_hand=1, reserved=1, committed=3)

    again = reserve(store, ASHA, RING=1)

    assert again.taken == frozenset()


def test_an_order_that_lost_one_line_takes_that_line_alone_again(store):
    put(store, RING=1, CHAIN=1)
    reserve(store, ASHA, RING=1, CHAIN=1)
    run_out(store, ASHA, RING=1)

    again = reserve(store, ASHA, RING=1, CHAIN=1)

    assert again.taken == {"RING"}
    assert levels(store, "RING") == levels(store, "CHAIN") == Levels(1, 1, 0)


def test_an_order_whose_lost_line_went_to_another_keeps_its_other_line(store):
    put(store, RING=1, CHAIN=1)
    deadline_ms = reserve(store, ASHA, RING=1, CHAIN=1).deadline_ms
    run_out(store, ASHA, RING=1)
    reserve(store, BINA, RING=1)

    with pytest.raises(InsufficientStock) as refused:
        reserve(store, ASHA, RING=1, CHAIN=1)

    assert refused.value.members == {"lines": [{"sku": "RING", "requested": 1, "available": 0}]}
    assert store.zscore(keys.reservations("CHAIN"), keys.member(ASHA, 1, MEERA)) == deadline_ms


def test_a_paid_order_reserves_nothing_more(store):
    put(store, RING=5, CHAIN=5)
    reserve(store, ASHA, RING=2, CHAIN=1)
    scripts.commit(store, claim(ASHA, {"RING": 2, "CHAIN": 1}))
    before = everything(store)

    assert reserve(store, ASHA, RING=2, CHAIN=1) is None

    assert everything(store) == before


def test_what_has_run_out_is_on_sale_again_for_the_next_buyer(store):
    put(store, RING=2)
    reserve(store, ASHA, RING=1)
    reserve(store, BINA, RING=1)
    run_out(store, ASHA, RING=1)
    run_out(store, BINA, RING=1)

    reserve(store, CHITRA, RING=2)

    assert shelf(store, "RING") == {
        "on_hand": 2, "version": 1, "reserved": 2, "committed": 0,
        "reservations": [keys.member(CHITRA, 2, MEERA)], "paid": {},
    }  # fmt: skip


def test_a_refusal_counts_what_has_run_out_as_available(store):
    put(store, RING=3)
    reserve(store, ASHA, RING=2)
    run_out(store, ASHA, RING=2)

    with pytest.raises(InsufficientStock) as refused:
        reserve(store, BINA, RING=4)

    assert refused.value.members == {"lines": [{"sku": "RING", "requested": 4, "available": 3}]}
    assert shelf(store, "RING") == {
        "on_hand": 3, "version": 1, "reserved": 0, "committed": 0, "reservations": [], "paid": {},
    }  # fmt: skip


def test_units_are_held_up_to_the_deadline_and_not_a_tick_longer_whenever_somebody_asks(redis):
    put(redis, RING=1)
    deadline_ms = reserve(redis, ASHA, RING=1, lifetime_ms=40).deadline_ms

    while True:
        before = now_ms(redis)
        try:
            taken = reserve(redis, BINA, RING=1).taken
        except InsufficientStock:
            assert before < deadline_ms
        else:
            break

    assert taken == {"RING"}
    assert now_ms(redis) >= deadline_ms
    assert shelf(redis, "RING")["reservations"] == [keys.member(BINA, 1, MEERA)]


@pytest.mark.parametrize("store", ["fakeredis"], indirect=True)
def test_the_millisecond_of_the_deadline_is_the_first_of_the_next_buyer(store, monkeypatch):
    put(store, RING=1)
    deadline_ms = reserve(store, ASHA, RING=1).deadline_ms

    # Half a millisecond more: seconds are a fraction that may fall short of the whole one.
    monkeypatch.setattr(time, "time", lambda: (deadline_ms - 0.5) / 1000)
    with pytest.raises(InsufficientStock):
        reserve(store, BINA, RING=1)
    monkeypatch.setattr(time, "time", lambda: (deadline_ms + 0.5) / 1000)
    assert reserve(store, BINA, RING=1).taken == {"RING"}


@pytest.mark.parametrize("store", ["fakeredis"], indirect=True)
@pytest.mark.parametrize(("past_ms", "is_held"), [(-0.5, True), (0.5, False)])
def test_in_the_millisecond_of_its_deadline_an_order_no_longer_holds_its_own_units(
    store, monkeypatch, past_ms, is_held
):
    put(store, RING=1)
    deadline_ms = reserve(store, ASHA, RING=1).deadline_ms

    monkeypatch.setattr(time, "time", lambda: (deadline_ms + past_ms) / 1000)

    extended = scripts.extend(store, claim(ASHA, {"RING": 1}), lifetime_ms=1)
    taken = reserve(store, ASHA, RING=1).taken

    assert (extended is not None) is is_held
    assert taken == (frozenset() if is_held else {"RING"})
