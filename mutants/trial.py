"""
Try the shop without a guard: in a copy of the tree, by the tests that have to miss it.

The working tree is never touched. The mutants of a workbench share its servers, so what they leave
behind could be taken for a guard that is missed: in the end, every test that was to miss one has to
pass there with every guard in its place.
"""

import shutil
import subprocess
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

from dev.servers import Urls, servers
from mutants.fork import ALL_PASSED, SOME_FAILED, Run, run_pytest
from mutants.mutant import ROOT, Mutant

# Fails where the shop has not all that it needs; and lets the servers be migrated once.
READY = "tests/api/test_health.py::test_a_shop_with_all_its_parts_is_ready"
# What is read when servers are made: a mutant of it needs servers of its own.
OF_SERVERS = ("migrations/", "ops/")
LONGEST_TOLD = 600
# A program that cannot be read or run fails in every test: that says nothing of the guard.
NOT_TO_BE_RUN = ("SyntaxError", "NameError", "ImportError", "Error compiling script")

Verdict = Literal["caught", "survived", "broken"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a mutant."""

    mutant: Mutant
    verdict: Verdict
    # The test that missed the guard, and what it said; or what pytest said instead.
    by: str
    why: str
    # Of the mutant's own run, without its control.
    seconds: float


class NotReadyError(Exception):
    """The shop does not work with every guard in its place."""


class Workbench:
    """A copy of the tree, and servers that stand for as long as nothing is left behind in them."""

    def __init__(self, folder: Path, *, needs_servers: bool = True) -> None:
        """Copy the tree into a folder."""
        self._needs_servers = needs_servers
        self._tree, self._servers = copy_tree(folder / "tree"), folder / "servers"
        self._said = folder / "said"
        self._standing = ExitStack()
        self._urls: Urls | None = None

    def __enter__(self) -> Self:
        """Start the servers."""
        if self._needs_servers:
            self._start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them."""
        self._standing.close()

    def failing(self, mutants: Sequence[Mutant]) -> set[str]:
        """
        Name those tests of mutants that fail here with every guard in its place.

        What fails is run once more, since a busy machine may keep one waiting for too long.
        """
        tests = {test for mutant in mutants for test in mutant.tests}
        for _ in range(2):
            run = self._run(sorted(tests))
            if run.code not in (ALL_PASSED, SOME_FAILED):
                raise NotReadyError(run.said[-LONGEST_TOLD:])
            tests = run.failing
            if not tests:
                break
        return tests

    def try_out(self, mutant: Mutant) -> Trial:
        """Switch the guard off, run the tests that have to miss it, and put it back."""
        has_own = mutant.file.startswith(OF_SERVERS)
        with _without_guard(mutant, self._tree):
            run = self._run(mutant.tests, is_mutant=True, has_own=has_own)
        test, _, why = run.failed.partition(" - ")
        if run.code == ALL_PASSED:
            return Trial(mutant, "survived", "", "every test passed", run.seconds)
        if run.code != SOME_FAILED or not test or any(word in run.said for word in NOT_TO_BE_RUN):
            return Trial(mutant, "broken", test, run.said[-LONGEST_TOLD:], run.seconds)
        return Trial(mutant, "caught", test, why[:LONGEST_TOLD], run.seconds)

    def _start(self) -> None:
        self._servers.mkdir(exist_ok=True, mode=0o755)
        self._urls = self._standing.enter_context(servers(self._servers, durable=False, environ={}))
        ready = self._run([READY])
        if ready.code != ALL_PASSED:
            raise NotReadyError(ready.said)

    def _run(self, tests: Sequence[str], *, is_mutant: bool = False, has_own: bool = False) -> Run:
        urls = None if has_own else self._urls
        return run_pytest(self._tree, tests, said=self._said, urls=urls, is_mutant=is_mutant)


def judged(trial: Trial, failing: Collection[str]) -> Trial:
    """Judge a trial anew by what the controls told: a test that always fails misses nothing."""
    if trial.verdict != "caught" or trial.by not in failing:
        return trial
    return replace(trial, verdict="broken", why="fails with every guard in its place too")


def copy_tree(to: Path) -> Path:
    """Copy what git knows or would take, with the times of the files."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    told = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, told.stdout.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


@contextmanager
def _without_guard(mutant: Mutant, tree: Path) -> Iterator[None]:
    path = tree / mutant.file
    path.write_text(mutant.applied_to(path.read_text()))
    try:
        yield
    finally:
        shutil.copy2(ROOT / mutant.file, path)
