"""Forms as people fill them in: what they wrote, read, or refused with the field's name."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from flask import request
from marshmallow import Schema, ValidationError

from app.core.india import INDIA
from app.core.problems import Problem, ValidationFailed, invalid
from app.core.texts import storable

Value = TypeVar("Value")

_GRAMS = re.compile(r"(\d{1,6})(?:\.(\d{1,3}))?")
_RUPEES = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")
_PERCENT = re.compile(r"([+-]?)([0-9]{1,4})(?:\.([0-9]{1,2}))?")
LONGEST = 2_000
# What a date that somebody means lies between.
FIRST_YEAR, LAST_YEAR = 2000, 2100


class Wrong(dict[str, str]):
    """What is wrong with the fields of a form, by their names, to be told beside them."""

    def read(self, name: str, how: Callable[[str], Value]) -> Value | None:
        """Read a field; where it cannot be read, remember why."""
        try:
            return how(name)
        except ValidationFailed as problem:
            self.take(problem)
        return None

    def load(self, schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
        """Read values by the schema that the API reads them by; all that is wrong is remembered."""
        try:
            loaded: dict[str, Any] = schema.load(dict(values))
        except ValidationError as error:
            for name, messages in error.messages_dict.items():
                # Why a field cannot be read says more than that there is nothing in it.
                self.setdefault(name, _first(messages))
            return {}
        return loaded

    def take(self, problem: Problem, name: str = "") -> None:
        """Remember what the shop said no to; of a whole, beside the field ``name``."""
        errors: Any = problem.members.get("errors")
        for error in errors or ():
            self.setdefault(error["pointer"].removeprefix("#/"), error["detail"])
        if not errors:
            self.setdefault(name, problem.detail or problem.title())


def text(name: str, longest: int = 200) -> str | None:
    """Read a field; an empty one is none."""
    words = " ".join(request.form.get(name, "").split())[:longest]
    return storable(words) if words else None


def paragraphs(name: str, *, longest: int) -> str:
    """
    Read what may have several lines.

    Raises:
        ValidationFailed: nothing was written, or too much.
    """
    lines = request.form.get(name, "").replace("\r\n", "\n").split("\n")
    words = storable("\n".join(line.rstrip() for line in lines).strip())
    if not words:
        raise invalid(f"#/{name}", "is needed")
    if len(words) > longest:
        raise invalid(f"#/{name}", f"has {len(words)} letters, and {longest} at most are kept")
    return words


def whole(name: str) -> Any:
    """Read a whole number; what is none stays text, for a schema to refuse."""
    written = request.form.get(name, "").strip()
    try:
        return int(written)
    except ValueError:
        return written


def paise(name: str) -> int | None:
    """
    Read an amount of rupees as somebody writes it, 1,250.50 or ₹1,250; nothing is None.

    Raises:
        ValidationFailed: it is no amount.
    """
    written = _written(name)
    if not written:
        return None
    found = _RUPEES.fullmatch(written.replace(",", "").removeprefix("₹").strip())
    if found is None:
        raise invalid(f"#/{name}", "is no amount of rupees, such as 1,250.50")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def basis_points(name: str) -> int | None:
    """
    Read a share as somebody writes it, 3, -7.5 or 10 %, in hundredths of a percent.

    Raises:
        ValidationFailed: it is none.
    """
    written = _written(name)
    if not written:
        return None
    found = _PERCENT.fullmatch(written.removesuffix("%").strip())
    if found is None:
        raise invalid(f"#/{name}", "is no percentage, such as 3 or 7.5")
    share = int(found[2]) * 100 + int((found[3] or "").ljust(2, "0"))
    return -share if found[1] == "-" else share


def grams(name: str) -> int | None:
    """
    Read a weight as somebody writes it, 8.25 or 8.250 g, in milligrams; nothing is None.

    Raises:
        ValidationFailed: it is none.
    """
    written = _written(name)
    if not written:
        return None
    found = _GRAMS.fullmatch(written.removesuffix("g").strip())
    if found is None:
        raise invalid(f"#/{name}", "is no weight in grams, such as 8.250")
    return int(found[1]) * 1_000 + int((found[2] or "").ljust(3, "0"))


def moment(name: str) -> datetime | None:
    """
    Read a moment by the clocks of India, as a browser sends it; nothing is None.

    Raises:
        ValidationFailed: it is none, or in no year that somebody could mean.
    """
    written = _written(name)
    if not written:
        return None
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None or not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise invalid(f"#/{name}", f"is no moment from {FIRST_YEAR} to {LAST_YEAR}")
    return at.replace(tzinfo=INDIA)


def load(schema: Schema, values: dict[str, Any]) -> dict[str, Any]:
    """
    Read values by the schema that the API reads them by.

    Raises:
        ValidationFailed: telling the first field that is wrong.
    """
    try:
        loaded: dict[str, Any] = schema.load(values)
    except ValidationError as error:
        name, messages = next(iter(error.messages_dict.items()))
        raise invalid(f"#/{name}", f"{_label(name)}: {_first(messages)}") from None
    return loaded


def _written(name: str) -> str:
    """Read what stands in a field, without the space around it, for a pattern to judge."""
    return " ".join(request.form.get(name, "").split())[:200]


def _label(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


def _first(messages: Any) -> str:
    while isinstance(messages, dict):
        messages = next(iter(messages.values()))
    return str(messages[0] if isinstance(messages, list) else messages)
