"""Five minutes of it: a hundred faults seen to bite, five thousand orders, nothing lost."""

import os

import pytest

from chaos import invariants, plan, report
from chaos.evidence import Evidence
from chaos.house import house
from chaos.run import Crowd, run

IS_LONG = os.environ.get("ORA_TESTS") == "long"
MINUTES, RATE = 5, 18.0


@pytest.mark.skipif(not IS_LONG, reason="ten minutes; set ORA_TESTS=long")
def test_a_hundred_faults_lose_nothing_of_five_thousand_orders(tmp_path):
    steps = plan.make(1, MINUTES * 60)
    with house() as shop:
        run(shop, tmp_path, seed=1, steps=steps, crowd=Crowd(rate=RATE), tell=print)

    found = Evidence(tmp_path)
    wrong = invariants.check(found)
    summary = report.summarise(found, wrong)
    assert {name: what for name, what in wrong.items() if what} == {}
    assert summary["is_green"], summary
    assert summary["faults seen to bite"] >= 100
    assert summary["orders"] >= 5_000
