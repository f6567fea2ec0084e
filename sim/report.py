"""What many histories came to: how fast, where they were, what they found."""

import hashlib
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from app.core.points import POINTS
from sim.controls import CONTROLS
from sim.house import House
from sim.play import MOST_BUYERS, History, play

__all__ = ["MOST_BUYERS", "Report"]
COUNTED = ("reached", "deaths", "faults", "orders")
SUMMED = ("steps", "operations", "waits", "undecided")


@dataclass
class Report:
    """The sums."""

    seed: int
    shows_tape: bool = False
    digests: list[str] = field(default_factory=list)
    failures: dict[int, list[str]] = field(default_factory=dict)
    unlike: list[int] = field(default_factory=list)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    sums: Counter[str] = field(default_factory=Counter)
    controls: dict[str, tuple[int, str] | None] = field(default_factory=dict)
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def begin(self) -> None:
        """Start the watch."""
        self.seconds, self.cpu_seconds = -time.perf_counter(), -time.process_time()

    def end(self) -> None:
        """Stop the watch."""
        self.seconds += time.perf_counter()
        self.cpu_seconds += time.process_time()

    def play(self, house: House, seed: int, *, is_twice: bool) -> None:
        """Play one history, and once more where that is asked for."""
        history = play(house, seed)
        self.digests.append(history.digest)
        for name in COUNTED:
            self.counts.setdefault(name, Counter()).update(getattr(history, name))
        self.sums.update({name: getattr(history, name) for name in SUMMED})
        if self.shows_tape:
            print("\n".join(history.tape))
        if history.findings:
            self.failures[seed] = history.findings
            print(f"seed {seed}: {'; '.join(history.findings)}", flush=True)
        if is_twice:
            self._compare(history, play(house, seed))

    def _compare(self, history: History, again: History) -> None:
        if history.digest != again.digest:
            self.unlike.append(history.seed)
            print(f"seed {history.seed} is not the same twice: {_first_difference(history, again)}")

    def try_controls(self, house: House, *, most_seeds: int) -> None:
        """Switch each guard off by itself, and play until that is found."""
        for name, switch_off in CONTROLS.items():
            self.controls[name] = None
            with switch_off():
                for seed in range(1, most_seeds + 1):
                    findings = play(house, seed).findings
                    if findings:
                        self.controls[name] = seed, findings[0]
                        break

    @property
    def has_failed(self) -> bool:
        """Tell whether anything is not as it has to be."""
        return bool(self.failures or self.unlike or None in self.controls.values())

    @property
    def digest(self) -> str:
        """Sum up all histories."""
        return hashlib.sha256("".join(self.digests).encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, Any]:
        """Tell all of it to a program."""
        return {
            "seed": self.seed, "histories": len(self.digests), "digest": self.digest,
            "digests": self.digests, "seconds": round(self.seconds, 2),
            "cpu_seconds": round(self.cpu_seconds, 2), "failures": self.failures,
            "unlike": self.unlike, "controls": self.controls, "sums": dict(self.sums),
            "counts": {name: dict(sorted(c.items())) for name, c in self.counts.items()},
        }  # fmt: skip

    def show(self) -> None:
        """Tell all of it to a person."""
        number = len(self.digests)
        if number:
            rate = number / self.seconds * 60
            print(
                f"{number} histories from seed {self.seed}: {rate:.0f} a minute"
                f" ({self.cpu_seconds / number * 1000:.0f} ms of this process each,"
                f" load {os.getloadavg()[0]:.1f}), hash {self.digest}"
            )
            print(", ".join(f"{self.sums[name]:,} {name}" for name in SUMMED))
        for name, counter in self.counts.items():
            print(f"{name}: " + ", ".join(f"{k} {n}" for k, n in sorted(counter.items())))
        if number:
            print(f"never reached: {', '.join(sorted(POINTS - set(self.counts['reached'])))}")
        for name, found in self.controls.items():
            said = "NOT FOUND" if found is None else f"seed {found[0]}: {found[1].splitlines()[0]}"
            print(f"control, {name}: {said}")
        for seed in self.failures:
            print(f"again: python -m sim --seed {seed} --histories 1 --tape")
        print(f"findings: {len(self.failures)}; not the same twice: {len(self.unlike)}")


def _first_difference(one: History, other: History) -> str:
    for number, (this, that) in enumerate(zip(one.tape, other.tape, strict=False)):
        if this != that:
            return f"step {number} is {this!r}, and then {that!r}"
    for name, rows in vars(one.books).items():
        if name not in ("redis", "products") and rows != vars(other.books)[name]:
            return f"the books differ in {name}"
    return f"{len(one.tape)} and {len(other.tape)} steps"
