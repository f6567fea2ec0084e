"""Cursors: where the next page of a list begins, opaque to the client."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.core.problems import invalid
from app.core.texts import storable

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows of a list, and where the next ones begin."""

    items: Sequence[Row]
    next_cursor: str | None = None


def encode_cursor(*position: object) -> str:
    """Write the position of a page's last item as a cursor."""
    return urlsafe_b64encode(json.dumps(position, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[str | int]:
    """
    Read the position back: ``length`` strings or whole numbers.

    Raises:
        ValidationFailed: the cursor was not given out by us.
    """
    try:
        position = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, BinasciiError, RecursionError):
        position = None
    if not isinstance(position, list) or len(position) != length or not _plain(position):
        raise invalid("#/cursor", "is not a cursor that this list gave out")
    return position


def newest_first(
    session: Session,
    query: Select[Row],
    at: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[Any],
    *,
    limit: int,
    cursor: str | None,
) -> Page[Row]:
    """
    Fetch a page of what ``query`` finds, the newest first.

    Sorted by the time ``at`` and the primary key ``key``, which is a text or a UUID.

    Raises:
        ValidationFailed: the cursor was not given out by this list.
    """
    if cursor is not None:
        query = query.where(tuple_(at, key) < _read_position(cursor, key.type.python_type))
    rows = session.scalars(query.order_by(at.desc(), key.desc()).limit(limit + 1)).all()
    if len(rows) <= limit:
        return Page(rows)
    last = rows[limit - 1]
    moment, last_id = getattr(last, at.key), getattr(last, key.key)
    return Page(rows[:limit], encode_cursor(moment.isoformat(), str(last_id)))


def _read_position(cursor: str, key_type: type) -> tuple[datetime, str | UUID]:
    moment, last_id = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(str(moment)), key_type(str(last_id))
    except ValueError:
        raise invalid("#/cursor", "is not a cursor that this list gave out") from None


def _plain(position: list[object]) -> bool:
    return all(type(part) is int or part == "" or storable(part) is not None for part in position)
