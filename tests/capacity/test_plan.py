"""The plan adds up, and the page says what the plan says."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity import costs, page
from capacity.plan import Assumptions, plan, predicted

COSTS = costs.measured()
GIVEN = Assumptions(**costs.supposed())
RATES = st.floats(1, 1_000_000)


@given(RATES)
def test_twice_the_rate_is_twice_the_work(rate):
    once, twice = plan(COSTS, GIVEN, rate), plan(COSTS, GIVEN, 2 * rate)

    for need in once.needs:
        assert twice.of(need.part).cores == pytest.approx(2 * need.cores)
        assert twice.of(need.part).ends_at == need.ends_at
    assert twice.log_bytes == pytest.approx(2 * once.log_bytes)


@given(RATES)
def test_there_are_enough_of_everything(rate):
    """No process and no node is busier than is aimed at, and the machines have the cores."""
    found = plan(COSTS, GIVEN, rate)

    for need in found.needs:
        if math.isinf(need.ends_at):
            assert need.cores / need.pieces <= GIVEN.target * 1.000001
    busy = sum(need.cores for need in found.needs)
    assert found.machines * GIVEN.machine_cores * GIVEN.target >= busy * 0.999999


@given(RATES)
def test_the_first_limit_is_where_a_part_is_as_busy_as_it_may_be(rate):
    limit = plan(COSTS, GIVEN, rate).first_limit
    at_it = plan(COSTS, GIVEN, limit.ends_at)

    most = GIVEN.postgres_cores if limit.part == "postgres" else 1
    is_busy = at_it.of(limit.part).cores == pytest.approx(most * GIVEN.target)
    is_full = at_it.log_bytes == pytest.approx(GIVEN.log_bytes_per_second * GIVEN.target)
    assert is_busy or is_full


def test_two_processes_are_foretold_from_one():
    """It is the model that is held against the machine; how far it is off is on the page."""
    assert predicted(COSTS, 1) == pytest.approx(COSTS.rates[1]["rate"], rel=0.25)
    assert predicted(COSTS, 1) < predicted(COSTS, 2) <= 2 * predicted(COSTS, 1)


def test_the_page_and_its_pictures_are_what_the_plan_says():
    text, pictures = page.written(COSTS, GIVEN)

    assert page.put(page.PAGE.read_text(), text) == page.PAGE.read_text()
    for name, picture in pictures.items():
        assert (page.IMAGES / name).read_text() == picture
        assert f"images/{name}" in text
