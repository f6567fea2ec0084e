"""What is simulated keeps what the shop keeps: no unit twice, none stranded, nothing forgotten."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capacity import hot, sale

RUSH = hot.Rush(units=300, counters=8, rate=10_000, seconds=0.05, reserve_us=50, refuse_us=25)


@settings(max_examples=40, deadline=None)
@given(
    units=st.integers(0, 400), counters=st.integers(1, 16), rate=st.sampled_from([2_000, 20_000]),
    seed=st.integers(0, 9),
)  # fmt: skip
def test_each_unit_is_sold_once_and_none_is_kept_from_a_buyer(units, counters, rate, seed):
    rush = replace(RUSH, units=units, counters=counters, rate=rate)

    seen = hot.play(rush, seed=seed)

    assert seen.sold + seen.left == units
    assert seen.sold + seen.refused == len(seen.waits)
    assert seen.wronged == 0
    assert (seen.left == 0) or seen.refused == 0


def test_without_gathering_buyers_are_refused_while_there_are_units():
    rush = replace(RUSH, units=480)

    assert hot.play(rush).wronged == 0
    assert hot.play(replace(rush, is_gathered=False)).wronged > 0


def test_more_counters_let_buyers_wait_less():
    rush = replace(RUSH, units=10_000, rate=40_000)
    waits = [hot.play(replace(rush, counters=number)).wait(99) for number in (1, 4)]

    assert waits[1] < waits[0] / 10


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_whatever_was_paid_is_confirmed_and_a_queue_ends(workers):
    seen = sale.play(sale.Rush(rate=800, seconds=3, workers=workers, order_ms=2))

    assert seen.confirmed == len(seen.waits)
    assert seen.lengths[-1][1] == 0
    assert seen.longest >= max(length for _, length in seen.lengths)


def test_a_worker_that_is_too_slow_lets_the_queue_grow_as_arithmetic_says():
    """800 come and 500 can go each second, for three: 900 wait at the end, 1.8 s longer."""
    seen = sale.play(sale.Rush(rate=800, seconds=3, workers=1, order_ms=2, batch_ms=0))

    assert seen.longest == pytest.approx(900, rel=0.15)
    assert seen.over_after == pytest.approx(4.8, rel=0.1)


@pytest.mark.parametrize(
    "play",
    [
        lambda seed: hot.play(RUSH, seed=seed).waits,
        lambda seed: sale.play(sale.Rush(500, 1, 1, 2), seed=seed).waits,
    ],
    ids=["hot", "sale"],
)
def test_the_same_seed_gives_the_same_end(play):
    assert play(1) == play(1) != play(2)
