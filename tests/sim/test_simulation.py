"""Histories are played in a process of their own, which is wired for good."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.races.length import is_long

ROOT = Path(__file__).parents[2]
SHORT, LONG = 12, 1_000
PATIENCE_SECONDS = 1_800
LONG_PATIENCE_SECONDS = 24 * 60 * 60
# What a short run may miss, for it is rare; the rest is reached by any run worth its name.
SURE = {
    "checkout.after-reserve", "checkout.before-commit", "checkout.before-reply", "pay.after-row",
    "pay.after-call", "door.after-inbox", "door.after-enqueue", "capture.after-claim",
    "capture.after-redis-commit", "capture.before-pg-commit", "capture.before-settle",
    "capture.before-ack", "relay.after-claim", "relay.before-mark", "sync.after-redis",
    "sync.after-pg", "load.before-set", "load.before-publish", "event.before-mark",
    "release.before-redis",
}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What a run tells that plays every history twice and switches each guard off once."""
    found = tmp_path_factory.mktemp("sim") / "told.json"
    histories = LONG if is_long() else SHORT
    ran = subprocess.run(
        [sys.executable, "-m", "sim", "--twice", "--controls", "--json", str(found),
            "--histories", str(histories)],
        cwd=ROOT, check=False, capture_output=True, text=True,
        env={name: value for name, value in os.environ.items() if not name.endswith("_URL")},
        timeout=LONG_PATIENCE_SECONDS if is_long() else PATIENCE_SECONDS,
    )  # fmt: skip
    assert found.exists(), ran.stdout + ran.stderr
    return json.loads(found.read_text()) | {"printed": ran.stdout}


def test_nothing_is_found(told):
    assert told["failures"] == {}, told["printed"]


def test_the_same_seed_is_the_same_history(told):
    assert told["unlike"] == [], told["printed"]
    assert len(set(told["digests"])) == told["histories"]


def test_each_guard_that_is_switched_off_is_missed(told):
    assert {name for name, found in told["controls"].items() if found is None} == set()


def test_the_histories_go_through_the_points_where_it_can_go_wrong(told):
    assert set(told["counts"]["reached"]) >= SURE
    assert sum(told["counts"]["deaths"].values()) > 0
    assert told["sums"]["waits"] > 0
