"""
Ids, and how a stored entity is shown.

A stored entity is the JSON object that Razorpay would show, with what only the
sandbox needs in fields that begin with an underscore.
"""

import re
import secrets
import string
from collections.abc import Iterable
from typing import Any

from sandbox.errors import malformed_id

Entity = dict[str, Any]

_ALPHABET = string.ascii_letters + string.digits
_ID_LENGTH = 14
_ID = re.compile(r"(?P<prefix>[a-z]+)_[A-Za-z0-9]{14}", re.ASCII)


def new_id(prefix: str = "") -> str:
    """Make an id: the prefix, an underscore and 14 letters and digits."""
    unique = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH))
    return f"{prefix}_{unique}" if prefix else unique


def checked_id(prefix: str, text: object) -> str:
    """
    Return the id as it came.

    Raises:
        ApiError: it does not have the shape of an id of this kind.
    """
    match = _ID.fullmatch(text) if isinstance(text, str) else None
    if match is None or match["prefix"] != prefix:
        raise malformed_id(f"{text}")
    return match.string


def public(entity: Entity) -> Entity:
    """Show an entity without what only the sandbox needs."""
    return {name: value for name, value in entity.items() if not name.startswith("_")}


def with_card(payment: Entity) -> Entity:
    """Show a payment with its card, where it was made by one."""
    shown = public(payment)
    if "_card" in payment:
        shown["card"] = payment["_card"]
    return shown


def collection(items: Iterable[Entity]) -> Entity:
    """Wrap entities as Razorpay wraps a list; the count is of this page, not of everything."""
    shown = list(items)
    return {"entity": "collection", "count": len(shown), "items": shown}
