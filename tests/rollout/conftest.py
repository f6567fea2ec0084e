"""The story of a new version, played once for all tests of what was seen."""

import fcntl
import json
import os
from typing import Any

import pytest

from tests.rollout.story import play


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What was seen; all processes of pytest share it."""
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent
    told = root / "rollout.json"
    with (root / "rollout.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(json.dumps(play(tmp_path_factory.mktemp("rollout"))))
    found: dict[str, Any] = json.loads(told.read_text())
    return found
