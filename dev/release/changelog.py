"""CHANGELOG.md, as a release cuts it: what was unreleased gets its number and day."""

import re
from datetime import date

from dev.errors import DevError
from dev.release.versions import Version

UNRELEASED = "## Unreleased\n"
_NEXT = re.compile(r"^## ", re.MULTILINE)


def notes(text: str) -> str:
    """
    Take what was not released yet.

    Raises:
        DevError: there is nothing.
    """
    _, heading, rest = text.partition(UNRELEASED)
    end = _NEXT.search(rest)
    found = (rest[: end.start()] if end else rest).strip()
    if not heading or not found:
        raise DevError("CHANGELOG.md has nothing below 'Unreleased': what would be released?")
    return found


def cut(text: str, version: Version, day: date) -> str:
    """Give what was unreleased its version and day, and begin anew above it."""
    notes(text)
    return text.replace(UNRELEASED, f"{UNRELEASED}\n## {version} - {day}\n", 1)
