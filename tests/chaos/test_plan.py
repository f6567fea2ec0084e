from collections import Counter

from chaos import plan
from chaos.faults import CELLS, possible
from chaos.smoke import SMOKE

HOUR = 3_600


def test_the_same_seed_gives_the_same_plan_and_another_one_another():
    assert plan.make(7, 300) == plan.make(7, 300)
    assert plan.make(7, 300) != plan.make(8, 300)


def test_in_an_hour_every_possible_cell_is_alone_once_and_then_they_come_together():
    steps = plan.make(1, HOUR)

    names = {one.name for one in possible()}
    alone = [step.cells for step in steps[: len(names)]]
    assert sorted(alone) == sorted((name,) for name in names)
    together = Counter(len(step.cells) for step in steps[len(names) :])
    assert together.keys() == {2, 3}
    assert sum(len(step.cells) for step in steps) > 1_000


def test_faults_that_come_together_break_different_parts():
    for step in plan.make(3, HOUR):
        targets = [CELLS[name].target for name in step.cells]
        assert len(set(targets)) == len(targets)


def test_a_short_run_begins_with_every_component():
    components = {one.target for one in possible()}

    first = plan.make(2, 120)[: len(components)]
    assert {CELLS[name].target for step in first for name in step.cells} == components


def test_what_a_machine_cannot_do_says_why_and_is_not_planned():
    undone = {name for name, one in CELLS.items() if one.cannot()}

    planned = {name for step in plan.make(1, HOUR) for name in step.cells}
    assert undone
    assert not undone & planned
    assert all(len(CELLS[name].cannot()) > 20 for name in undone)


def test_every_cell_says_what_is_expected_and_how_it_is_seen():
    assert all(one.expected and one.sign and one.target for one in CELLS.values())
    assert set(SMOKE) <= CELLS.keys()
