"""The whole shop through a handful of faults: nothing is lost, and the checks can fail."""

import subprocess
import sys
from pathlib import Path

from chaos import invariants, report
from chaos.evidence import Evidence
from chaos.smoke import SMOKE

ROOT = Path(__file__).parents[2]


def test_every_fault_bites_and_none_is_seen_before_it_is_there(run):
    steps = Evidence(run).rows("steps")

    assert [step.get("trouble") for step in steps] == [None] * len(SMOKE)
    assert {name for step in steps for name in step["bitten"]} == set(SMOKE)
    assert [step["false_alarms"] for step in steps] == [[]] * len(SMOKE)


def test_nothing_is_lost(run):
    found = Evidence(run)
    wrong = invariants.check(found)

    assert {name: what for name, what in wrong.items() if what} == {}
    summary = report.summarise(found, wrong)
    assert summary["is_green"]
    assert summary["orders"] > 20
    assert summary["captured"] > 5
    assert summary["answered other 5xx"] == 0
    assert any(product["counters"] > 1 for product in found.rows("products"))


def test_whoever_has_the_files_can_check_them_again(copy):
    told = subprocess.run(
        [sys.executable, "-m", "chaos.recheck", str(copy)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert told.returncode == 0, told.stdout + told.stderr
    assert "Nothing is lost." in told.stdout
    assert "| stock-redis: FLUSHALL | 1 | 1 | 1 | silent |" in (copy / "matrix.md").read_text()


def test_a_shop_whose_ledger_was_tampered_with_is_red(tampered):
    wrong = invariants.check(Evidence(tampered))

    assert any("on hand" in one for one in wrong["I1"])
    assert any("flask check-stock" in one for one in wrong["I1"])
    assert wrong["I2"]
