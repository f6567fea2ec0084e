"""What was measured: rates beside their ceilings, figures, medians, and how they are told."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.client import Sent, per_second, percentile

CONNECTIONS = 16


@dataclass(frozen=True)
class Plan:
    """How much to measure: ``rounds`` of ``seconds`` each, by so many ``clients`` processes."""

    rounds: int
    seconds: float
    is_quick: bool = False
    clients: int = 1
    # How many the web process answers while its memory is watched.
    requests: int = 0

    def of(self, whole: int, quick: int) -> int:
        """Choose how many of something there are to be."""
        return quick if self.is_quick else whole


@dataclass(frozen=True)
class Row:
    """
    One measure beside one ceiling; rates a second, waits in milliseconds.

    ``ratio`` is the median of the rounds' ratios, since a machine drifts from one to the next.
    """

    measure: str
    per_second: float
    ceiling: str | None
    ceiling_per_second: float | None
    ratio: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    errors: int


@dataclass(frozen=True)
class Figure:
    """One number that is no rate beside a ceiling: its unit, and what is to be known of it."""

    name: str
    value: float
    unit: str
    note: str = ""


@dataclass
class Measure:
    """One thing that is done over and over, round by round, and what it is held against."""

    name: str
    rates: list[float] = field(default_factory=list)
    ceilings: dict[str, list[float]] = field(default_factory=dict)
    # The 50th, 95th and 99th percentile of each round's waits.
    waits: list[tuple[float, float, float]] = field(default_factory=list)
    errors: int = 0

    def note(self, sent: Sequence[Sent], wanted: int) -> float:
        """Add a round of requests, of which the ``wanted`` status is good; tells its rate."""
        good = [one for one in sent if one.status == wanted]
        return self.note_rate(
            per_second(good), [one.wait_ms for one in good], errors=len(sent) - len(good)
        )

    def note_rate(self, rate: float, waits_ms: Sequence[float] = (), *, errors: int = 0) -> float:
        """Add a round whose rate is known; returns it."""
        self.rates.append(rate)
        if waits_ms:
            ordered = sorted(waits_ms)
            at = [percentile(ordered, percent) for percent in (50, 95, 99)]
            self.waits.append((at[0], at[1], at[2]))
        self.errors += errors
        return rate

    def beside(self, **ceilings: float) -> None:
        """Add what a ceiling reached in the round just noted; ``_`` reads as a space."""
        for name, rate in ceilings.items():
            self.ceilings.setdefault(name.replace("_", " "), []).append(rate)

    def rows(self) -> list[Row]:
        """Sum the rounds up by their medians, a row for each ceiling."""
        if not self.rates:
            return []
        found = [self._row(name, reached) for name, reached in self.ceilings.items()]
        return found or [self._row(None, [])]

    def _row(self, ceiling: str | None, reached: Sequence[float]) -> Row:
        middle = statistics.median
        p50, p95, p99 = map(middle, zip(*self.waits, strict=True)) if self.waits else [None] * 3
        return Row(
            measure=self.name,
            per_second=middle(self.rates),
            ceiling=ceiling,
            ceiling_per_second=middle(reached) if reached else None,
            ratio=_ratio(self.rates, reached) if reached else None,
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
            errors=self.errors,
        )


@dataclass
class Section:
    """What one part of the kit found: rows, figures, and the promises that were broken."""

    name: str
    rows: list[Row] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)

    def take(self, *measures: Measure) -> None:
        """Add measures, summed up."""
        for measure in measures:
            self.rows += measure.rows()

    def tell(self, name: str, values: float | Sequence[float], unit: str, note: str = "") -> None:
        """Add a figure; of several values, their median."""
        value = values if isinstance(values, int | float) else statistics.median(values)
        self.figures.append(Figure(name, float(value), unit, note))

    def as_json(self) -> dict[str, Any]:
        """Write it as the JSON file has it."""
        return asdict(self)

    def show(self) -> None:
        """Print it."""
        print(f"\n== {self.name}")
        if self.rows:
            _show_rows(self.rows)
        width = max((len(figure.name) for figure in self.figures), default=0)
        for figure in self.figures:
            value = f"{_number(figure.value):>12} {figure.unit:<8}"
            print(f"{figure.name:<{width}}  {value} {figure.note}".rstrip())
        for breach in self.breaches:
            print(f"BROKEN: {breach}")


def _ratio(rates: Sequence[float], reached: Sequence[float]) -> float:
    pairs = zip(rates, reached, strict=True)
    return statistics.median(ours / theirs if theirs else float("nan") for ours, theirs in pairs)


def _show_rows(rows: Sequence[Row]) -> None:
    columns: Sequence[tuple[str, Callable[[Row], str], str]] = (
        ("measure", lambda row: row.measure, "<"),
        ("/s", lambda row: _number(row.per_second), ">"),
        ("ceiling", lambda row: row.ceiling or "-", "<"),
        ("/s", lambda row: _number(row.ceiling_per_second), ">"),
        ("ratio", lambda row: "-" if row.ratio is None else f"{row.ratio:.1%}", ">"),
        ("p50 ms", lambda row: _number(row.p50_ms), ">"),
        ("p95 ms", lambda row: _number(row.p95_ms), ">"),
        ("p99 ms", lambda row: _number(row.p99_ms), ">"),
        ("errors", lambda row: str(row.errors), ">"),
    )
    lines = [[head for head, _, _ in columns]]
    lines += [[show(row) for _, show, _ in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = zip(line, columns, widths, strict=True)
        print("  ".join(f"{cell:{side}{width}}" for cell, (_, _, side), width in cells).rstrip())


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004 - three digits
