"""Cursors: where the next page of a list begins, opaque to the client."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from datetime import datetime

from app.core.problems import invalid


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


def read_position(cursor: str) -> tuple[datetime, str]:
    """
    Read the cursor of a list that is sorted by time and id.

    Raises:
        ValidationFailed: the cursor was not given out by us.
    """
    moment, last_id = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(str(moment)), str(last_id)
    except ValueError:
        raise invalid("#/cursor", "is not a cursor that this list gave out") from None


def _plain(position: list[object]) -> bool:
    return all(type(part) in (str, int) and "\x00" not in str(part) for part in position)
