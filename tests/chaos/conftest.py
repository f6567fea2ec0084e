"""One small run for all tests of its findings: real servers, real faults, a minute."""

import fcntl
import os
import shutil
from copy import deepcopy
from pathlib import Path

import pytest

from chaos import evidence
from chaos.evidence import Evidence
from chaos.house import Shop, house
from chaos.smoke import smoke

# As nobody can but the server's owner, and not before its triggers are off.
_TAMPER = """
    SET session_replication_role = replica;
    DELETE FROM stock_movements
    WHERE id = (SELECT min(id) FROM stock_movements WHERE kind = 'sale')
"""


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folders of a run through the handful of cells; all processes of pytest share it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    folder = root / "chaos"
    with (root / "chaos.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "tampered" / "app_checks.jsonl.gz").exists():
            shutil.rmtree(folder, ignore_errors=True)
            with house(is_small=True, on_disks=False) as shop:
                _make(shop, folder)
    return folder


def _make(shop: Shop, folder: Path) -> None:
    (folder / "whole").mkdir(parents=True)
    smoke(shop, folder / "whole", tell=lambda _: None)
    without_logs = shutil.ignore_patterns("logs")
    shutil.copytree(folder / "whole", folder / "tampered", ignore=without_logs)
    (folder / "tampered" / "app_checks.jsonl.gz").unlink()
    shop.sql(_TAMPER)
    evidence.collect(shop, folder / "tampered")


@pytest.fixture
def run(runs: Path) -> Path:
    """What the run left."""
    return runs / "whole"


@pytest.fixture
def tampered(runs: Path) -> Path:
    """What the same shop left after somebody removed a movement."""
    return runs / "tampered"


@pytest.fixture
def found(run: Path) -> Evidence:
    """What the run left, to be changed at will."""
    evidence = Evidence(run)
    for path in run.glob("*.jsonl*"):
        evidence.rows(path.name.partition(".")[0])
    copied = Evidence(run)
    copied._kept.update(deepcopy(evidence._kept))
    return copied


@pytest.fixture
def copy(run: Path, tmp_path: Path) -> Path:
    """The run's files once more, in a folder of their own."""
    return shutil.copytree(run, tmp_path / "copy", ignore=shutil.ignore_patterns("logs"))
