"""What one buyer may have of a product: reserved, committed and paid for together."""

from uuid import UUID

import pytest

from app.inventory import keys, scripts
from app.inventory.errors import InsufficientStock, PurchaseLimitExceeded
from app.inventory.terms import Levels, OnHand, Pending
from tests.inventory.shelf import (
    ASHA,
    BINA,
    CHITRA,
    MEERA,
    NAINA,
    QUARTER_HOUR,
    buyers,
    claim,
    commit,
    everything,
    levels,
    put,
    reserve,
    run_out,
)

DEEPA, NOBODY = UUID(int=0xD), UUID(int=0xE)


def settle(store, order, *, on_hand=95, version=2, bought, buyer=MEERA, **units):
    """Settle ``RING=2`` and the like, where the buyer has ``bought`` so much since."""
    numbers = [OnHand(sku, on_hand, version, bought) for sku in units]
    scripts.settle(store, claim(order, units, buyer=buyer), numbers)


def allowed(store, *, buyer=MEERA, sku="RING"):
    """Ask what a buyer may still have, by asking for far too much; nothing is taken."""
    with pytest.raises(PurchaseLimitExceeded) as refused:
        reserve(store, NOBODY, buyer=buyer, **{sku: 90})
    (line,) = refused.value.members["lines"]
    assert (line["sku"], line["requested"]) == (sku, 90)
    return line["allowed"]


def test_a_buyer_gets_as_much_as_the_limit_and_no_more(store):
    put(store, RING=99, limit=3)
    reserve(store, ASHA, RING=2)
    before = everything(store)

    with pytest.raises(PurchaseLimitExceeded) as refused:
        reserve(store, BINA, RING=2)

    assert refused.value.members == {"lines": [{"sku": "RING", "requested": 2, "allowed": 1}]}
    assert everything(store) == before
    reserve(store, BINA, RING=1)
    assert levels(store, "RING") == Levels(99, 3, 0)
    assert allowed(store) == 0


def test_every_line_above_its_limit_is_named_and_every_line_left_untouched(store):
    put(store, BANGLE=99, limit=5)
    put(store, CHAIN=99, RING=99, limit=2)
    reserve(store, ASHA, CHAIN=1)
    before = everything(store)

    with pytest.raises(PurchaseLimitExceeded) as refused:
        reserve(store, BINA, RING=3, BANGLE=5, CHAIN=2)

    assert refused.value.members == {
        "lines": [
            {"sku": "CHAIN", "requested": 2, "allowed": 1},
            {"sku": "RING", "requested": 3, "allowed": 2},
        ]
    }
    assert everything(store) == before


def test_what_is_not_there_is_told_before_what_is_not_allowed(store):
    put(store, CHAIN=9, RING=1, limit=1)

    with pytest.raises(InsufficientStock) as refused:
        reserve(store, ASHA, CHAIN=2, RING=2)

    assert refused.value.members == {"lines": [{"sku": "RING", "requested": 2, "available": 1}]}


def test_a_product_without_a_limit_keeps_no_count_of_its_buyers(store):
    put(store, RING=99)
    reserve(store, ASHA, RING=90)
    reserve(store, BINA, RING=2)
    commit(store, ASHA, RING=90)
    settle(store, ASHA, bought=90, RING=90)
    scripts.release(store, claim(BINA, {"RING": 2}))

    assert buyers(store, "RING") == {}


def test_reserved_committed_and_paid_units_count_together(store):
    put(store, RING=99, limit=9)
    reserve(store, ASHA, RING=1)
    commit(store, BINA, RING=2)
    commit(store, CHITRA, RING=4)
    assert allowed(store) == 2

    settle(store, CHITRA, bought=4, RING=4)

    assert buyers(store, "RING") == {MEERA: "3", f"{MEERA}/paid": "4@2"}
    assert allowed(store) == 2


def test_an_orders_units_count_once_on_their_way_from_reserved_to_paid(store):
    put(store, RING=99, limit=5)
    reserve(store, ASHA, RING=2)
    assert buyers(store, "RING") == {MEERA: "2"}
    commit(store, ASHA, RING=2)
    assert buyers(store, "RING") == {MEERA: "2"}
    commit(store, ASHA, RING=2)
    assert buyers(store, "RING") == {MEERA: "2"}
    settle(store, ASHA, bought=2, RING=2)
    assert buyers(store, "RING") == {f"{MEERA}/paid": "2@2"}
    settle(store, ASHA, bought=2, RING=2)
    assert buyers(store, "RING") == {f"{MEERA}/paid": "2@2"}


def test_each_buyer_has_a_limit_of_their_own(store):
    put(store, RING=99, limit=3)
    reserve(store, ASHA, RING=3)
    commit(store, BINA, buyer=NAINA, RING=1)
    settle(store, BINA, bought=1, buyer=NAINA, RING=1)
    reserve(store, CHITRA, buyer=NAINA, RING=1)

    assert allowed(store) == 0
    assert allowed(store, buyer=NAINA) == 1
    assert allowed(store, buyer="somebody new") == 3
    assert buyers(store, "RING") == {MEERA: "3", NAINA: "1", f"{NAINA}/paid": "1@2"}


def test_each_product_has_a_limit_of_its_own(store):
    put(store, RING=99, limit=3)
    put(store, CHAIN=99, limit=1)
    reserve(store, ASHA, RING=2, CHAIN=1)

    assert allowed(store, sku="RING") == 1
    assert allowed(store, sku="CHAIN") == 0


def test_units_given_up_may_be_had_again(store):
    put(store, RING=99, limit=3)
    reserve(store, ASHA, RING=2)
    reserve(store, BINA, RING=1)

    scripts.release(store, claim(ASHA, {"RING": 2}))
    assert buyers(store, "RING") == {MEERA: "1"}
    assert allowed(store) == 2

    scripts.release(store, claim(BINA, {"RING": 1}))
    assert buyers(store, "RING") == {}


@pytest.mark.parametrize(
    "look",
    [
        lambda store: levels(store, "RING"),
        lambda store: reserve(store, CHITRA, buyer="somebody", RING=3),
        lambda store: commit(store, CHITRA, buyer="somebody", RING=3),
        lambda store: allowed(store, buyer="somebody"),
    ],
    ids=["levels", "reserve", "commit", "refused"],
)
def test_units_that_ran_out_may_be_had_again_by_each_buyer_whoever_looks_first(store, look):
    put(store, RING=99, limit=3)
    reserve(store, DEEPA, RING=1)
    reserve(store, ASHA, RING=2)
    reserve(store, BINA, buyer=NAINA, RING=2)
    run_out(store, ASHA, RING=2)
    run_out(store, BINA, buyer=NAINA, RING=2)

    look(store)

    held = {buyer: n for buyer, n in buyers(store, "RING").items() if buyer != "somebody"}
    assert held == {MEERA: "1"}
    assert allowed(store, buyer=NAINA) == 3


def test_what_ran_out_no_longer_counts_for_the_very_order_that_asks_next(store):
    put(store, RING=99, limit=3)
    reserve(store, ASHA, RING=3)
    run_out(store, ASHA, RING=3)

    reserve(store, BINA, RING=3)

    assert buyers(store, "RING") == {MEERA: "3"}
    assert levels(store, "RING") == Levels(99, 3, 0)


def test_units_of_a_refused_payment_may_be_had_again(store):
    put(store, RING=99, limit=3)
    reserve(store, ASHA, RING=2)
    commit(store, ASHA, RING=2)

    settle(store, ASHA, on_hand=99, version=1, bought=0, RING=2)

    assert allowed(store) == 3
    assert levels(store, "RING") == Levels(99, 0, 0)


def test_what_a_call_that_knows_no_number_drops_leaves_what_was_paid_for(store):
    put(store, RING=99, limit=5)
    commit(store, ASHA, RING=2)
    settle(store, ASHA, bought=2, RING=2)
    commit(store, BINA, RING=1)

    settle(store, BINA, on_hand=0, version=-1, bought=0, RING=1)

    assert buyers(store, "RING") == {f"{MEERA}/paid": "2@2"}


def test_returned_units_may_be_had_again_once_settling_has_shown_it(store):
    put(store, RING=99, limit=3)
    commit(store, ASHA, RING=3)
    settle(store, ASHA, version=2, bought=3, RING=3)
    assert allowed(store) == 0

    settle(store, ASHA, version=3, bought=1, RING=3)

    assert buyers(store, "RING") == {f"{MEERA}/paid": "1@3"}
    assert allowed(store) == 2


@pytest.mark.parametrize("versions", [(9, 10), (10, 9)], ids=["in order", "out of order"])
def test_the_newest_number_of_what_was_paid_for_wins_in_whichever_order_they_come(store, versions):
    put(store, RING=99, limit=9, version=8)
    bought = {9: 2, 10: 5}
    commit(store, ASHA, RING=2)
    commit(store, BINA, RING=3)

    for order, units, version in zip((ASHA, BINA), (2, 3), versions, strict=True):
        settle(store, order, version=version, bought=bought[version], RING=units)

    assert buyers(store, "RING") == {f"{MEERA}/paid": "5@10"}
    assert allowed(store) == 4


def test_another_number_of_what_was_paid_for_has_to_be_a_newer_one(store):
    put(store, RING=99, limit=9)
    commit(store, ASHA, RING=2)
    settle(store, ASHA, bought=2, RING=2)

    settle(store, ASHA, bought=7, RING=2)

    assert buyers(store, "RING") == {f"{MEERA}/paid": "2@2"}


def test_what_a_reload_put_back_for_a_settled_order_no_longer_counts(store):
    pending = (Pending(ASHA, 2, MEERA, 2**41), Pending(BINA, 1, MEERA, 2**41))
    put(store, RING=99, limit=9, pending=pending)
    assert buyers(store, "RING") == {MEERA: "3"}

    settle(store, ASHA, bought=2, RING=2)

    assert buyers(store, "RING") == {MEERA: "1", f"{MEERA}/paid": "2@2"}


def test_the_number_of_one_buyer_is_not_old_because_that_of_another_is_newer(store):
    put(store, RING=99, limit=9, version=8)
    commit(store, ASHA, RING=2)
    commit(store, BINA, buyer=NAINA, RING=3)

    settle(store, BINA, version=10, bought=3, buyer=NAINA, RING=3)
    settle(store, ASHA, version=9, bought=2, RING=2)

    assert buyers(store, "RING") == {f"{MEERA}/paid": "2@9", f"{NAINA}/paid": "3@10"}
    assert store.hget(keys.stock("RING"), "version") == "10"


def test_an_order_renewed_at_the_limit_counts_once(store):
    put(store, RING=99, limit=3)
    reserve(store, ASHA, RING=3)

    assert reserve(store, ASHA, RING=3).taken == frozenset()
    assert buyers(store, "RING") == {MEERA: "3"}
    assert scripts.extend(store, claim(ASHA, {"RING": 3}), lifetime_ms=QUARTER_HOUR)
    assert buyers(store, "RING") == {MEERA: "3"}


@pytest.mark.parametrize("ask", [reserve, commit])
def test_an_order_at_the_limit_whose_time_ran_out_takes_its_units_again(store, ask):
    put(store, RING=99, limit=3)
    reserve(store, ASHA, RING=3)
    run_out(store, ASHA, RING=3)

    ask(store, ASHA, RING=3)

    assert buyers(store, "RING") == {MEERA: "3"}
    assert levels(store, "RING").available == 96


def test_an_order_that_lost_one_line_takes_that_line_again_within_the_limit(store):
    put(store, CHAIN=99, RING=99, limit=2)
    reserve(store, ASHA, CHAIN=2, RING=2)
    run_out(store, ASHA, RING=2)

    assert reserve(store, ASHA, CHAIN=2, RING=2).taken == {"RING"}

    assert buyers(store, "CHAIN") == buyers(store, "RING") == {MEERA: "2"}


def test_a_late_payment_above_the_limit_is_refused_and_takes_nothing(store):
    put(store, CHAIN=99, RING=99, limit=3)
    reserve(store, ASHA, CHAIN=2, RING=2)
    run_out(store, ASHA, RING=2)
    reserve(store, BINA, RING=2)
    before = everything(store)

    with pytest.raises(PurchaseLimitExceeded) as refused:
        commit(store, ASHA, CHAIN=2, RING=2)

    assert refused.value.members == {"lines": [{"sku": "RING", "requested": 2, "allowed": 1}]}
    assert everything(store) == before


def test_a_payment_within_the_limit_needs_no_reservation(store):
    put(store, RING=99, limit=3)
    reserve(store, BINA, RING=1)

    commit(store, ASHA, RING=2)

    assert buyers(store, "RING") == {MEERA: "3"}


def test_what_is_held_or_paid_is_never_refused_though_the_limit_fell_below_it(store):
    put(store, RING=99, limit=1, pending=(Pending(ASHA, 3, MEERA, 2**41),))
    assert allowed(store) == 0

    assert reserve(store, ASHA, RING=3).taken == frozenset()
    commit(store, ASHA, RING=3)
    commit(store, ASHA, RING=3)

    assert buyers(store, "RING") == {MEERA: "3"}
    assert reserve(store, ASHA, RING=3) is None


def test_what_belongs_to_nobody_has_no_limit_and_counts_for_nobody(store):
    put(store, RING=99, limit=2)
    commit(store, ASHA, buyer="", RING=4)
    reserve(store, BINA, buyer="", RING=5)
    assert buyers(store, "RING") == {}

    run_out(store, BINA, buyer="", RING=5)
    settle(store, ASHA, bought=0, buyer="", RING=4)

    assert levels(store, "RING") == Levels(95, 0, 0)
    assert buyers(store, "RING") == {}
    assert allowed(store) == 2


def test_a_buyer_whose_name_has_colons_and_dashes_is_counted_as_one(store):
    buyer = "guest:a-b:1"
    put(store, RING=99, limit=3)
    reserve(store, ASHA, buyer=buyer, RING=2)
    assert allowed(store, buyer=buyer) == 1
    run_out(store, ASHA, buyer=buyer, RING=2)

    assert levels(store, "RING") == Levels(99, 0, 0)
    assert buyers(store, "RING") == {}
