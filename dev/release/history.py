"""What was released: releases/history.toml, and beside it what the last release promised."""

import json
import tomllib
from datetime import date
from typing import Any, NamedTuple

from dev.release import contract, versions
from dev.release.versions import Version
from dev.stack import ROOT

FOLDER = ROOT / "releases"
HISTORY, CONTRACT, ROWS = (
    FOLDER / name for name in ("history.toml", "contract.json", "rows.tar.xz")
)


class Release(NamedTuple):
    """One release; ``migration`` is the newest that it has."""

    version: Version
    day: date
    migration: str


def released() -> list[Release]:
    """List all releases, the oldest first."""
    if not HISTORY.exists():
        return []
    told = tomllib.loads(HISTORY.read_text()).get("release", [])
    return [Release(versions.read(r["version"]), r["day"], r["migration"]) for r in told]


def add(release: Release, document: contract.Document) -> None:
    """Write down a release and what it promises."""
    FOLDER.mkdir(exist_ok=True)
    with HISTORY.open("a") as file:
        file.write(
            f'\n[[release]]\nversion = "{release.version}"\nday = {release.day}\n'
            f'migration = "{release.migration}"\n'
        )
    text = json.dumps(contract.bound(document), indent=0, sort_keys=True)
    CONTRACT.write_text(text + "\n")


def promised() -> dict[str, Any]:
    """Tell what the last release promised, as an OpenAPI document without its words."""
    found: dict[str, Any] = json.loads(CONTRACT.read_text())
    return found
