from collections import Counter

import pytest

from app.inventory.terms import Levels
from tests.inventory.shelf import levels, put, shelf
from tests.races.buyers import PROCESSES, buy, trade

TRIES = 100


@pytest.mark.parametrize("units", [1, PROCESSES - 1, 150])
def test_as_many_buyers_succeed_as_there_are_units(redis, race, units):
    put(redis, RING=units)

    reserved = race(buy, *[("RING", TRIES)] * PROCESSES, is_guarded=True)

    assert sum(reserved) == units
    assert levels(redis, "RING") == Levels(on_hand=units, reserved=units, committed=0)
    assert len(shelf(redis, "RING")["reservations"]) == units


@pytest.mark.parametrize("units", [1, PROCESSES - 1])
def test_the_same_race_oversells_where_looking_and_writing_are_two_steps(redis, race, units):
    put(redis, RING=units)

    reserved = race(buy, *[("RING", TRIES)] * PROCESSES, is_guarded=False)

    assert sum(reserved) > units
    assert len(shelf(redis, "RING")["reservations"]) > units


def units_of(orders):
    """Add up how many units of each product some orders have."""
    return sum((Counter(quantities) for quantities in orders.values()), Counter())


def traded(race, tries, *, is_guarded):
    """Let every process trade; what they hold and have paid, all together."""
    skus = ["CHAIN", "RING"]
    answers = race(
        trade, *((skus, tries, seed) for seed in range(PROCESSES)), is_guarded=is_guarded
    )
    held = {order: lines for answer in answers for order, lines in answer["held"].items()}
    paid = {order: lines for answer in answers for order, lines in answer["paid"].items()}
    return held, paid


def test_however_buyers_reserve_give_up_and_pay_every_unit_is_accounted_for(redis, race):
    put(redis, CHAIN=120, RING=130)

    held, paid = traded(race, TRIES, is_guarded=True)

    assert held
    assert paid
    for sku, on_hand in {"CHAIN": 120, "RING": 130}.items():
        numbers = Levels(on_hand, units_of(held)[sku], units_of(paid)[sku])
        assert numbers.available + numbers.reserved + numbers.committed == on_hand
        assert shelf(redis, sku) == {
            "on_hand": on_hand,
            "version": 1,
            "reserved": numbers.reserved,
            "committed": numbers.committed,
            "reservations": sorted(
                f"{o}:{lines[sku]}:" for o, lines in held.items() if sku in lines
            ),
            "paid": {str(o): lines[sku] for o, lines in paid.items() if sku in lines},
        }


def test_the_same_trade_loses_count_where_looking_and_writing_are_two_steps(redis, race):
    put(redis, CHAIN=120, RING=130)

    held, _ = traded(race, 1, is_guarded=False)

    assert len(held) == PROCESSES
    in_redis = {sku: shelf(redis, sku)["reserved"] for sku in ("CHAIN", "RING")}
    assert in_redis != units_of(held)
