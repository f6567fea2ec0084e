"""
Show what the shop promises: python -m dev.promises [P1 P4 ...] [--write].

Runs the tests of each promise and their negative controls, in which a guard is taken away and what
is promised has to break, and tells how many passed. With `--write` the page has it.
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

from chaos.report import machine
from mutants.mutant import listed

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "dev" / "promises.toml"
PAGE = ROOT / "docs" / "reliability.md"
BEGIN, END = "<!-- promises -->\n", "<!-- /promises -->\n"


@dataclass(frozen=True)
class Promise:
    """One promise: the tests that show it, those that break it, and what else looks at it."""

    name: str
    says: str
    shown_by: Sequence[str]
    controls: Sequence[str]
    besides: str = ""


@dataclass
class Passed:
    """How many tests passed, and which did not."""

    passed: int = 0
    skipped: int = 0
    failed: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Tell it in words; nothing that ran is no success."""
        if self.failed:
            return f"**{len(self.failed)} failed**: {', '.join(self.failed)}"
        skipped = f"{self.skipped} left to ORA_TESTS=long" if self.skipped else ""
        if not self.passed:
            return skipped or "**nothing ran**"
        return ", ".join(filter(None, [f"{self.passed} passed", skipped]))


def read() -> list[Promise]:
    """Read what is promised; tests are named as pytest selects them, below `tests/`."""
    told = tomllib.loads(LIST.read_text())
    return [Promise(name, **about) for name, about in told.items()]


def main() -> int:
    """Run the tests of the promises that are named, or of all; 0 where all of them passed."""
    parser = argparse.ArgumentParser(prog="python -m dev.promises", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="P1", help="promises, all of them otherwise")
    parser.add_argument("--write", action="store_true", help=f"write it into {PAGE.name}")
    asked = parser.parse_args()
    wanted = [one for one in read() if not asked.names or one.name in asked.names]
    results = _run({name for one in wanted for name in (*one.shown_by, *one.controls)})
    counts = {one.name: (_count(one.shown_by, results), _count(one.controls, results))
              for one in wanted}  # fmt: skip
    for name, (shown, controls) in counts.items():
        print(f"{name:4} {shown}; controls: {controls}")
    if asked.write:
        text = PAGE.read_text()
        before, _, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(before + BEGIN + "\n".join(_page(wanted, counts)) + "\n" + END + after)
    is_green = all(shown.passed and not shown.failed for shown, _ in counts.values())
    return 0 if is_green and not any(controls.failed for _, controls in counts.values()) else 1


def _run(selectors: set[str]) -> dict[str, str]:
    """Run tests; tells of each what became of it: passed, skipped or failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        ran = subprocess.run(
            [sys.executable, "-m", "pytest", "-n", "2", "-q", f"--junitxml={report}",
                *(f"tests/{name}" for name in sorted(selectors))],
            cwd=ROOT, check=False,
        )  # fmt: skip
        if ran.returncode not in (0, 1):
            sys.exit("pytest could not run them")
        found = ET.parse(report).iter("testcase")  # noqa: S314 - pytest wrote it
        return {f"{one.get('classname')}::{one.get('name')}": _outcome(one) for one in found}


def _outcome(case: ET.Element) -> str:
    if any(case.find(tag) is not None for tag in ("failure", "error")):
        return "failed"
    return "passed" if case.find("skipped") is None else "skipped"


def _count(selectors: Sequence[str], results: Mapping[str, str]) -> Passed:
    chosen = {
        case: how
        for case, how in results.items()
        if any(_is_picked(case, selector) for selector in selectors)
    }
    outcomes = list(chosen.values())
    failed = tuple(sorted(case for case, how in chosen.items() if how == "failed"))
    return Passed(outcomes.count("passed"), outcomes.count("skipped"), failed)


def _is_picked(case: str, selector: str) -> bool:
    place, _, name = case.partition("::")
    path, _, test = selector.partition("::")
    module = "tests." + path.removesuffix(".py").replace("/", ".")
    is_there = place == module or place.startswith(f"{module}.")
    return is_there and (not test or name.partition("[")[0] == test)


def _page(
    promises: Sequence[Promise], counts: Mapping[str, tuple[Passed, Passed]]
) -> Iterator[str]:
    """Write a section for each."""
    guards = Counter(name for mutant in listed() for name in mutant.promise.split(", "))
    on = ", ".join(f"{name} {value}" for name, value in machine().items())
    yield f"Last run {datetime.now(UTC):%Y-%m-%d}: {on}.\n"
    for one in promises:
        shown, controls = counts[one.name]
        yield f"### {one.name} {one.says}\n"
        yield f"    python -m dev.promises {one.name}\n"
        yield "| | tests | last result |"
        yield "| --- | --- | --- |"
        yield f"| shown by | {_listed(one.shown_by)} | {shown} |"
        if one.controls:
            yield f"| negative control | {_listed(one.controls)} | {controls} |"
        if count := guards[one.name]:
            yield f"| switched off one at a time | {count} guards | [mutants.md](mutants.md) |"
        if one.besides:
            yield f"\nBesides: {one.besides}."
        yield ""


def _listed(selectors: Sequence[str]) -> str:
    return "<br>".join(f"`{name}`" for name in selectors)


if __name__ == "__main__":
    sys.exit(main())
