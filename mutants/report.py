"""What a run prints: a line for each guard as it is tried, then the table by promise."""

import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from mutants.mutant import Mutant
from mutants.trial import Trial

_NUMBER = re.compile(r"\d+")


def told(trial: Trial) -> str:
    """Tell of one trial in a line."""
    said = trial.by if trial.verdict == "caught" else trial.why
    return f"{trial.verdict:8} {trial.seconds:5.1f} s  {trial.mutant.name}: {said}"


def listing(mutants: Sequence[Mutant]) -> str:
    """List the guards without trying them."""
    return "\n".join(f"{m.promise:10} {m.name:42} {m.against} ({m.file})" for m in mutants)


def table(trials: Sequence[Trial]) -> str:
    """Write the table of docs/mutants.md, by promise."""
    lines = [
        "| promise | guard | without it | caught by | seconds |",
        "| --- | --- | --- | --- | --- |",
    ]
    for trial in sorted(trials, key=_by_promise):
        mutant = trial.mutant
        by = f"`{_short(trial.by)}`" if trial.verdict == "caught" else f"**{trial.verdict}**"
        row = mutant.promise, f"`{mutant.name}`", mutant.against, by, f"{trial.seconds:.0f}"
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join(lines)


def summary(trials: Sequence[Trial], seconds: float) -> str:
    """Sum the run up."""
    caught = sum(trial.verdict == "caught" for trial in trials)
    return (
        f"{caught} of {len(trials)} guards are missed by a test when they are gone; {seconds:.0f} s"
    )


def as_json(trials: Sequence[Trial], seconds: float) -> dict[str, Any]:
    """Tell the whole run, for a machine."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "seconds": round(seconds, 1),
        "guards": [
            {
                "name": trial.mutant.name,
                "promise": trial.mutant.promise,
                "file": trial.mutant.file,
                "verdict": trial.verdict,
                "by": trial.by,
                "why": trial.why,
                "seconds": round(trial.seconds, 1),
            }
            for trial in trials
        ],
    }


def _by_promise(trial: Trial) -> tuple[str, int, str]:
    first = trial.mutant.promise.split()[0]
    number = _NUMBER.search(first)
    # Promises before invariants.
    return (
        "B" if first.startswith("I") else "A",
        int(number[0]) if number else 0,
        trial.mutant.name,
    )


def _short(test: str) -> str:
    """Name a test without its folder's parts and parameters, which are long."""
    path, _, name = test.partition("::")
    return f"{path.removeprefix('tests/')}::{name.partition('[')[0]}"
