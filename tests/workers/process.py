"""Workers and the clock as processes of their own, the way the Procfile starts them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]

# What a process may take to start and to work on a machine that is busy with other tests.
PATIENCE_SECONDS = 180
LOOK_AGAIN_SECONDS = 0.05


@contextmanager
def running(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a module until the block ends; its servers are those of the test."""
    process = subprocess.Popen([sys.executable, "-m", module, *arguments], cwd=ROOT, env=os.environ)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE_SECONDS)


def wait_until(condition: Callable[[], bool], *, on: subprocess.Popen[bytes]) -> None:
    """Look until a condition holds; a process that ends before that fails the test."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert on.poll() is None, f"the process ended with {on.returncode}"
        assert time.monotonic() < give_up_at, "it did not come to pass in time"
        time.sleep(LOOK_AGAIN_SECONDS)
