"""What was measured: capacity/costs.json, which `python -m bench --only costs` writes."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MEASURED, SUPPOSED = HERE / "costs.json", HERE / "assumptions.toml"


@dataclass(frozen=True)
class Costs:
    """
    Costs by name, of one checkout and of one whole purchase, checkout included.

    CPU in milliseconds by part, ``web`` or ``postgres``; scripts in microseconds; log, wire and
    tables in bytes. ``rates`` has how the checkout went by one web process and by two.
    """

    checkout: Mapping[str, float]
    purchase: Mapping[str, float]
    rates: Mapping[int, Mapping[str, float]]

    def cpu(self, part: str, *, paid_share: float) -> float:
        """Tell a part's milliseconds for a checkout of which a share is paid."""
        return self.of(f"CPU of {part}", paid_share=paid_share)

    def of(self, name: str, *, paid_share: float) -> float:
        """Tell a cost of a checkout of which a share is paid."""
        alone, whole = self.checkout[name], self.purchase[name]
        return alone + paid_share * max(whole - alone, 0.0)

    def spent(self, processes: int) -> float:
        """Tell the milliseconds of all cores for a checkout, at the rate of so many processes."""
        seen = self.rates[processes]
        return sum(ms for name, ms in seen.items() if name.startswith("CPU of "))

    @property
    def parts(self) -> list[str]:
        """Every process that a purchase passes."""
        return [name.removeprefix("CPU of ") for name in self.checkout if name.startswith("CPU")]


def measured(path: Path = MEASURED) -> Costs:
    """Read what was measured."""
    [section] = [one for one in json.loads(path.read_text()) if one["name"] == "costs"]
    found: dict[str, dict[str, float]] = {}
    for figure in section["figures"]:
        group, _, name = figure["name"].partition(": ")
        found.setdefault(group, {})[name] = figure["value"]
    rates = {number: found[f"{number} web"] for number in (1, 2)}
    return Costs(found["checkout"], found["purchase"], rates)


def supposed(path: Path = SUPPOSED) -> dict[str, Any]:
    """Read what is supposed."""
    return tomllib.loads(path.read_text())
