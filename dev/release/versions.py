"""Semantic versions: which is the next one, and which the changes ask for."""

import re
from typing import NamedTuple

from dev.errors import DevError

_FORM = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


class Version(NamedTuple):
    """A released version; what is before 1.0.0 promises no more than its second number."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """Write it as it is tagged, without the ``v``."""
        return ".".join(map(str, self))


def read(text: str) -> Version:
    """
    Read a version.

    Raises:
        DevError: it is none, and how one looks.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise DevError(f"{text!r} is no version; one looks like 1.4.0 (semver.org).")
    return Version(*map(int, found.groups()))


def least_after(last: Version, *, breaks: bool, adds: bool) -> Version:
    """Tell the least version that may follow where something broke, or something was added."""
    if breaks and last.major:
        return Version(last.major + 1, 0, 0)
    if breaks or (adds and last.major):
        return Version(last.major, last.minor + 1, 0)
    return Version(last.major, last.minor, last.patch + 1)
