"""The parameters of a request: ``a[b]=c`` made whole, and each one read as what it must be."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sandbox.stripe.errors import BadParameterError, missing
from sandbox.stripe.ledger import COMPARISONS, Page

DEFAULT_LIMIT = 10
MAXIMUM_LIMIT = 100

METADATA_COUNT = 50
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 500
TEXT_LENGTH = 5000

PAGE_FIELDS = ("created", "limit", "starting_after", "ending_before")

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_INTEGER = re.compile(r"-?\d{1,15}", re.ASCII)


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """
    Read ``metadata[order]=7`` as a dict in a dict; a list is a dict by place.

    Raises:
        BadParameterError: a name is not well formed, or is a value here and a dict there.
    """
    found: dict[str, Any] = {}
    for name, value in pairs:
        match = _NAME.fullmatch(name)
        if match is None:
            raise BadParameterError(f"Invalid parameter name: {name}", param=name)
        path = [match[1], *match[2][1:-1].split("][")] if match[2] else [match[1]]
        level = found
        for step in path[:-1]:
            level = level.setdefault(step, {})
            if not isinstance(level, dict):
                raise BadParameterError(f"Invalid object: {name}", param=match[1])
        level[path[-1] or str(len(level))] = value
    return found


class Form:
    """What was sent; every method refuses, with a ``BadParameterError``, what it cannot read."""

    def __init__(self, values: Mapping[str, Any], known: Collection[str]) -> None:
        if unknown := [name for name in values if name not in known]:
            plural = "s" if len(unknown) > 1 else ""
            raise BadParameterError(
                f"Received unknown parameter{plural}: {', '.join(unknown)}",
                code="parameter_unknown",
                param=unknown[0],
            )
        self._values = values

    def text(self, name: str) -> str | None:
        """Return a text, or None where it is not sent or empty."""
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise BadParameterError("Invalid string", param=name)
        if len(value) > TEXT_LENGTH:
            raise BadParameterError(
                f"Invalid string: must be at most {TEXT_LENGTH} characters", param=name
            )
        return value

    def required(self, name: str) -> str:
        """Return a text that had to be sent."""
        value = self.text(name)
        if value is None:
            raise missing(name)
        return value

    def choice(self, name: str, choices: Collection[str], default: str | None = None) -> Any:
        """Return one of a few words."""
        value = self.text(name) or default
        if value is not None and value not in choices:
            raise BadParameterError(
                f"Invalid {name}: must be one of {', '.join(choices)}", param=name
            )
        return value

    def whole(self, name: str, least: int | None = None) -> int | None:
        """Return a whole number, or None where it is not sent."""
        value = self._values.get(name)
        return None if value is None else _whole(name, value, least)

    def required_whole(self, name: str, least: int | None = None) -> int:
        """Return a whole number that had to be sent."""
        number = self.whole(name, least)
        if number is None:
            raise missing(name)
        return number

    def words(self, name: str) -> list[str]:
        """Return a list of texts."""
        given = self._values.get(name) or {}
        values = list(given.values()) if isinstance(given, dict) else None
        if values is None or not all(isinstance(value, str) and value for value in values):
            raise BadParameterError("Invalid array", param=name)
        return values

    def mapping(self, name: str) -> dict[str, Any] | None:
        """Return an object as it came, or None where it is not sent or empty."""
        given = self._values.get(name) or None
        if given is not None and not isinstance(given, dict):
            raise BadParameterError("Invalid object", param=name)
        return given

    def metadata(self) -> dict[str, str]:
        """Return the metadata without what is empty."""
        given = self.mapping("metadata") or {}
        for key, value in given.items():
            param = f"metadata[{key}]"
            if not isinstance(value, str):
                raise BadParameterError("Metadata values must be strings", param=param)
            if len(key) > METADATA_KEY_LENGTH or len(value) > METADATA_VALUE_LENGTH:
                raise BadParameterError(
                    f"Metadata keys can have up to {METADATA_KEY_LENGTH} characters and values "
                    f"up to {METADATA_VALUE_LENGTH}",
                    param=param,
                )
        if len(given) > METADATA_COUNT:
            raise BadParameterError(
                f"Metadata can have up to {METADATA_COUNT} keys", param="metadata"
            )
        return {key: value for key, value in given.items() if value}

    def page(self, *filters: str) -> Page:
        """Return the part of a list that is asked for."""
        limit = self.whole("limit", least=1) or DEFAULT_LIMIT
        if limit > MAXIMUM_LIMIT:
            raise BadParameterError(
                f"Invalid integer: limit can be at most {MAXIMUM_LIMIT}",
                code="parameter_invalid_integer",
                param="limit",
            )
        after, before = self.text("starting_after"), self.text("ending_before")
        if after and before:
            raise BadParameterError(
                "You may only specify one of these parameters: starting_after, ending_before."
            )
        wanted = {name: value for name in filters if (value := self.text(name))}
        return Page(limit=limit, created=self._moments(), fields=wanted, after=after, before=before)

    def _moments(self) -> dict[str, int]:
        given = self._values.get("created")
        if given is None:
            return {}
        # One number asks for exactly this second.
        bounds = given if isinstance(given, dict) else {"gte": given, "lte": given}
        for name in bounds:
            if name not in COMPARISONS:
                raise BadParameterError("Invalid created", param=f"created[{name}]")
        return {name: _whole(f"created[{name}]", value) for name, value in bounds.items()}


def _whole(name: str, value: object, least: int | None = None) -> int:
    is_number = isinstance(value, (int, str)) and not isinstance(value, bool)
    if not is_number or not _INTEGER.fullmatch(str(value)):
        raise _bad_integer(f"Invalid integer: {value}", name)
    number = int(str(value))
    if least is not None and number < least:
        raise _bad_integer(f"This value must be greater than or equal to {least}.", name)
    return number


def _bad_integer(message: str, name: str) -> BadParameterError:
    return BadParameterError(message, code="parameter_invalid_integer", param=name)
