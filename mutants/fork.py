"""
Run pytest in a fork of this process, which has loaded the libraries once for all runs.

The fork reads the shop and its tests from a copy of the tree, as if it had begun there.
"""

import gc
import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from dev.servers import Urls
from mutants.mutant import ROOT

ALL_PASSED, SOME_FAILED = 0, 1
# Several times what the slowest takes on a busy machine.
LONGEST_SECONDS = 900
POLL_SECONDS = 0.02
# Loaded in each run: it reads the environment as it is loaded.
NOT_AHEAD = ("prometheus_client",)
_OPTIONS = ("-p", "no:cacheprovider", "-rfE", "--tb=short", "--show-capture=no")
_LOADED = """
import sys
import app.cli, hypothesis, tests.conftest, workers.clock, workers.run
print(*sys.modules)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What pytest said: how it ended, and all of its words."""

    code: int
    said: str
    seconds: float

    @property
    def failed(self) -> str:
        """The first test that failed, and why."""
        return next(self._summary("FAILED "), "")

    @property
    def failing(self) -> set[str]:
        """All tests that failed or could not be run."""
        return {line.partition(" - ")[0] for line in self._summary("FAILED ", "ERROR ")}

    def _summary(self, *words: str) -> Iterator[str]:
        for line in self.said.splitlines():
            if line.startswith(words):
                yield line.partition(" ")[2]


def load_libraries() -> None:
    """Load what the shop and its tests load, but for their own modules."""
    told = subprocess.run(
        [sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, text=True, check=True
    )
    own = {path.name.removesuffix(".py") for path in ROOT.iterdir()}
    for name in told.stdout.split():
        if name.partition(".")[0] not in {*own, *NOT_AHEAD, "__main__"}:
            with suppress(ImportError):
                importlib.import_module(name)
    # What is there by now is the same for all: no fork's collector of garbage looks at it again.
    gc.freeze()


def run_pytest(
    tree: Path, tests: Sequence[str], *, said: Path, urls: Urls | None, is_mutant: bool
) -> Run:
    """
    Run tests of a copy of the tree; of a mutant's the first that fails is enough.

    They have the servers of ``urls``, or start their own. ``said`` is written over.
    """
    sys.stdout.flush()
    began = time.monotonic()
    pid = os.fork()
    if not pid:
        _begin_anew(tree, said, keeps_bytecode=not is_mutant)
        if urls is not None:
            _let_stand(urls)
        _end(pytest.main([*_OPTIONS, *(["-x"] if is_mutant else []), *tests]))
    code = _wait(pid, began + LONGEST_SECONDS * (1 if is_mutant else 10))
    return Run(code, said.read_text(errors="replace").strip(), time.monotonic() - began)


def _begin_anew(tree: Path, said: Path, *, keeps_bytecode: bool) -> None:
    """Be a process of its own that has loaded nothing of the shop, and speaks to a file."""
    os.setsid()
    opened = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(opened, stream)
    os.chdir(tree)
    sys.path[:] = [str(tree), *(place for place in sys.path if place not in ("", str(ROOT)))]
    own = {path.name.removesuffix(".py") for path in ROOT.iterdir()}
    for name in [name for name in sys.modules if name.partition(".")[0] in own]:
        del sys.modules[name]
    # What is compiled of a mutant has to be gone with it.
    sys.dont_write_bytecode = not keeps_bytecode
    # What pytest would load by itself is not needed here; and messages are not to be cut.
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "500"}


def _let_stand(urls: Urls) -> None:
    """Give the tests servers that stand already."""
    module: Any = importlib.import_module("dev.servers")
    module.servers = lambda *_, **__: nullcontext(urls)


def _end(code: int) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(code))


def _wait(pid: int, until: float) -> int:
    """Wait for a fork; after too long it is ended, with all that it has begun."""
    while time.monotonic() < until:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(POLL_SECONDS)
    os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return -1
