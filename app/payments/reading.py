"""Reading what gateways send: JSON that may lack anything, field by field."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.core.texts import storable
from app.payments.errors import MalformedEventError

Entity = Mapping[str, Any]
LARGEST = 2**63 - 1
# The year 9999: what lies beyond, Postgres' and Python's calendars do not agree on.
LATEST = 253_370_764_800


def parse(body: bytes) -> dict[str, Any]:
    """Read a body; what is no JSON object reads as an empty one."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return event if isinstance(event, dict) else {}


def find(entity: Any, *path: str) -> dict[str, Any]:
    """Find the object at a path; empty where there is none."""
    for step in path:
        entity = entity.get(step) if isinstance(entity, Mapping) else None
    return dict(entity) if isinstance(entity, Mapping) else {}


def require(entity: Any, *path: str) -> dict[str, Any]:
    """
    Find the object at a path.

    Raises:
        MalformedEventError: there is none.
    """
    found = find(entity, *path)
    if not found:
        raise MalformedEventError(f"no entity at {'.'.join(path)}")
    return found


def text(entity: Entity, name: str) -> str:
    """
    Read a text that has to be there.

    Raises:
        MalformedEventError: it is not.
    """
    value = storable(entity.get(name))
    if value is None:
        raise MalformedEventError(f"{name} is not a text")
    return value


def optional(entity: Entity, name: str) -> str | None:
    """Read a text that may be missing, empty or null."""
    return storable(entity.get(name))


def word(entity: Entity, name: str, words: Mapping[str, Any]) -> Any:
    """
    Read one of a few words, as what it means here.

    Raises:
        MalformedEventError: it is another one.
    """
    value = text(entity, name)
    if value not in words:
        raise MalformedEventError(f"{name} is {value[:40]!r}, which nobody knows")
    return words[value]


def amount(entity: Entity, name: str) -> int:
    """
    Read an amount of money above zero.

    Raises:
        MalformedEventError: it is no positive whole number.
    """
    value = entity.get(name)
    if type(value) is not int or not 0 < value <= LARGEST:
        raise MalformedEventError(f"{name} is not a positive whole number")
    return value


def whole(entity: Entity, name: str) -> int:
    """Read a whole number that may be missing, which is zero then."""
    value = entity.get(name)
    return value if type(value) is int and 0 <= value <= LARGEST else 0


def instant(entity: Entity, name: str) -> datetime | None:
    """Read a time in Unix seconds that may be missing."""
    value = entity.get(name)
    if type(value) is not int or not 0 < value < LATEST:
        return None
    return datetime.fromtimestamp(value, UTC)
