"""Forms as people fill them in: what they wrote, read, or refused with the field's name."""

import re
from typing import Any

from flask import request
from marshmallow import Schema, ValidationError

from app.core.problems import invalid
from app.core.texts import storable

_RUPEES = re.compile(r"(\d{1,9})(?:\.(\d{1,2}))?")
LONGEST = 2_000


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
    written = text(name)
    if written is None:
        return None
    found = _RUPEES.fullmatch(written.replace(",", "").removeprefix("₹").strip())
    if found is None:
        raise invalid(f"#/{name}", "is no amount of rupees, such as 1,250.50")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


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


def _label(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()


def _first(messages: Any) -> str:
    while isinstance(messages, dict):
        messages = next(iter(messages.values()))
    return str(messages[0] if isinstance(messages, list) else messages)
