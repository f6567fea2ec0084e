"""The arithmetic of a product that is split: what each counter has adds up, whoever holds what."""

from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.inventory import counters
from app.inventory.terms import Claim, Known, OnHand, Pending

FEW = counters.FEW
# However busy the machine is.
generously = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
counts = st.integers(2, 64)
units = st.integers(1, 50)
ids = st.uuids()
buyers = st.one_of(st.just(""), st.sampled_from("abcdefgh").map(lambda one: f"buyer {one}"))


@st.composite
def knowns(draw):
    """Draw a product of which as much as anything is free."""
    pending = draw(st.lists(st.builds(Pending, ids, units, buyers, st.just(1)), max_size=30))
    committed = draw(st.dictionaries(ids.map(str), st.tuples(buyers, units), max_size=30))
    bought = draw(st.dictionaries(buyers.filter(bool), units, max_size=8))
    free = draw(st.integers(0, 5_000))
    held = sum(one.units for one in pending) + sum(count for _, count in committed.values())
    number = OnHand("RING", held + free, 7)
    return Known(number, 0, tuple(pending), committed, bought)


@generously
@given(knowns(), counts)
def test_each_counter_has_what_its_claims_hold_and_a_fair_part_of_the_rest(known, count):
    shares = counters.shares(known, count)
    parts = counters.divide(known, shares)

    assert sum(shares) == known.number.on_hand
    free = [part.free for part in parts]
    assert sum(free) == known.free
    assert max(free) - min(free) <= 1
    assert min(free) >= 0


@generously
@given(knowns(), counts)
def test_nothing_is_lost_or_told_twice_and_each_is_found_again_by_its_claim(known, count):
    parts = counters.divide(known, counters.shares(known, count))

    by_name = {part.number.sku: part for part in parts}
    assert len(by_name) == count
    for one in known.pending:
        claim = Claim(one.order_id, one.buyer, {"RING": one.units})
        assert one in by_name[counters.of_claim(claim, "RING", count)].pending
    assert sum(len(part.pending) for part in parts) == len(known.pending)
    assert {k: v for part in parts for k, v in part.committed.items()} == known.committed
    assert {k: v for part in parts for k, v in part.bought.items()} == known.bought


@generously
@given(ids, ids, buyers.filter(bool), counts)
def test_all_that_a_buyer_has_is_of_one_counter(one, other, buyer, count):
    assert counters.number_of(one, buyer, count) == counters.number_of(other, buyer, count)


@generously
@given(st.lists(st.integers(0, 1_000), min_size=2, max_size=64), units)
def test_what_comes_in_is_put_on_all_of_them_and_can_be_taken_off_again(shares, more):
    filled = counters.add(shares, more)

    assert sum(filled) == sum(shares) + more
    assert all(after >= before for before, after in zip(shares, filled, strict=True))
    assert counters.add(filled, -more) == shares


@generously
@given(st.lists(st.builds(Claim, ids, buyers, st.just({"RING": 2, "CHAIN": 1}))), counts)
def test_what_is_deducted_is_taken_off_the_claims_own_counters(claims, count):
    left = counters.take([1_000] * count, claims, "RING")

    for number, share in enumerate(left):
        own = [c for c in claims if counters.number_of(c.id, c.buyer, count) == number]
        assert share == 1_000 - 2 * len(own)


@generously
@given(knowns(), counts, st.integers(0, 200))
def test_it_is_split_where_each_has_enough_free_for_whoever_asks(known, most, wanted):
    count = counters.count_for(known, most, wanted=wanted)

    assert count == (most if known.free // most >= max(FEW, wanted) else 1)
    assert counters.count_for(known, 1) == 1


def test_a_waiting_room_lets_no_crowd_in_so_it_is_not_split():
    plenty = OnHand("RING", 10_000, 1)

    assert counters.count_for(Known(plenty, 0), 4) == 4
    assert counters.count_for(Known(plenty, 0, has_waiting_room=True), 4) == 1


def test_no_counter_of_one_layout_goes_by_the_name_of_anothers():
    named = [name for count in range(2, 65) for name in _names("RING", count)]

    assert len(set(named)) == len(named)
    assert not {"RING", "RING-2", "RING-1-2"} & set(named)


def _names(sku, count):
    claims = (Claim(UUID(int=number), "", {}) for number in range(40 * count))
    return {counters.of_claim(claim, sku, count) for claim in claims}
