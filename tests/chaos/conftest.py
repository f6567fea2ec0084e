"""One small run for all tests of its findings: real servers, real faults, a minute."""

import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from chaos.evidence import Evidence
from chaos.house import Shop, house
from chaos.smoke import smoke


@pytest.fixture(scope="session")
def shop() -> Iterator[Shop]:
    """A small shop of its own, which has been through the smoke run."""
    with house(is_small=True, on_disks=False) as opened:
        yield opened


@pytest.fixture(scope="session")
def run(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run through the handful of cells."""
    folder = tmp_path_factory.mktemp("chaos")
    smoke(shop, folder, tell=lambda _: None)
    return folder


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
