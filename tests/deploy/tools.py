"""The checkers that come with the packages of development, and what they are asked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
# They read files alone, but the machine may be busy with other tests.
PATIENCE_SECONDS = 120


def run(program: str, *arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a checker in the project, with nothing of our own environment."""
    path = PROGRAMS / program
    if not path.exists():
        pytest.fail(f"{program} is missing: make setup")
    return subprocess.run(
        [str(path), *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": os.defpath, "HOME": "/nonexistent"} | environ,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
