"""
Switch the shop's guards off: python -m mutants [--only NAME] [--list] [--jobs N] [--json FILE].

Ends with 1 where a guard is missed by no test, or where a mutant cannot be judged.
"""

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mutants import report
from mutants.fork import load_libraries
from mutants.mutant import LISTS, ROOT, GuardMovedError, Mutant, listed, named
from mutants.trial import NotReadyError, Trial, Workbench, judged


def main(options: argparse.Namespace) -> int:
    """Try the guards that are asked for; 0 where each is missed."""
    mutants = listed(options.guards)
    if options.only:
        mutants = named(mutants, options.only)
    if options.list:
        print(report.listing(mutants))
        return 0
    for mutant in mutants:
        mutant.applied_to((ROOT / mutant.file).read_text())
    began = time.monotonic()
    load_libraries()
    trials = _tried(mutants, jobs=options.jobs, needs_servers=options.servers)
    seconds = time.monotonic() - began
    print(f"\n{report.table(trials)}\n\n{report.summary(trials, seconds)}")
    if options.json:
        options.json.write_text(json.dumps(report.as_json(trials, seconds), indent=1))
    return int(any(trial.verdict != "caught" for trial in trials))


def _tried(mutants: Sequence[Mutant], *, jobs: int, needs_servers: bool) -> list[Trial]:
    """
    Try each on whichever workbench is free; then the controls.

    Raises:
        NotReadyError: the shop does not work with every guard in its place.
    """
    # Processes, since each of them forks: threads would not outlive that.
    context: Any = multiprocessing.get_context("fork")
    waiting, done = context.Queue(), context.Queue()
    for mutant in [*mutants, *([None] * jobs)]:
        waiting.put(mutant)
    told = waiting, done, needs_servers
    processes = [context.Process(target=_work, args=told) for _ in range(jobs)]
    for process in processes:
        process.start()
    trials: list[Trial] = []
    failing: set[str] = set()
    ended = 0
    while ended < jobs:
        heard = done.get()
        if isinstance(heard, NotReadyError):
            raise heard
        if isinstance(heard, Trial):
            print(report.told(heard), flush=True)
            trials.append(heard)
        else:
            failing |= heard
            ended += 1
    for process in processes:
        process.join()
    print(
        f"Every guard in its place: {len(failing)} of their tests fail", *sorted(failing), sep="\n"
    )
    return [judged(trial, failing) for trial in trials]


def _work(waiting: Any, done: Any, needs_servers: bool) -> None:  # noqa: FBT001
    """Try mutants until there are no more; then tell which of their tests fail by themselves."""
    tried: list[Mutant] = []
    try:
        with (
            tempfile.TemporaryDirectory(prefix="ora-mutants-") as folder,
            Workbench(Path(folder), needs_servers=needs_servers) as bench,
        ):
            for mutant in iter(waiting.get, None):
                done.put(bench.try_out(mutant))
                tried.append(mutant)
            done.put(bench.failing(tried) if tried else set())
    except NotReadyError as error:
        done.put(error)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m mutants", description=__doc__)
    parser.add_argument("--only", action="append", help="the beginning of a name; may be repeated")
    parser.add_argument("--list", action="store_true", help="tell the guards and try none")
    parser.add_argument("--jobs", type=int, default=1, help="how many at once")
    parser.add_argument("--json", type=Path, help="write the result to this file as well")
    parser.add_argument(
        "--no-servers", dest="servers", action="store_false", help="their tests need none"
    )
    parser.add_argument("--guards", type=Path, default=LISTS, help="a folder of other lists")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        sys.exit(main(_options()))
    except (GuardMovedError, LookupError, NotReadyError) as error:
        sys.exit(str(error))
