"""Identifiers: made here, so that no two rooms make them differently."""

import hashlib
import hmac
from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

# Crockford's alphabet: no I, L, O or U, so that a number read out on the phone is heard right.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_UUID_VERSION = 8  # RFC 9562: the version for ids whose bits have a meaning of our own


def new_id() -> UUID:
    """Make an id that sorts by time and has 74 random bits, so that none tells the next."""
    return uuid7()


def made_at(one: UUID) -> datetime:
    """Tell to the millisecond when an id of ``new_id`` was made, which stands in its first bits."""
    return datetime.fromtimestamp(int.from_bytes(one.bytes[:6]) / 1_000, UTC)


def keyed_id(secret: str, *parts: str) -> UUID:
    """
    Derive an id from ``parts``: the same parts give the same id, and only we can foresee it.

    A request that is repeated so meets what its first try left behind, never a rival's.
    """
    message = "\x1f".join(parts).encode()
    digest = bytearray(hmac.digest(secret.encode(), message, hashlib.sha256)[:16])
    digest[6] = digest[6] & 0x0F | _UUID_VERSION << 4
    digest[8] = digest[8] & 0x3F | 0x80
    return UUID(bytes=bytes(digest))


def read_id(value: object) -> UUID | None:
    """Read an id that somebody else wrote; None where it is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def readable_number(of: UUID) -> str:
    """Give the number that people read for ``of``: 60 bits of its hash, telling no volume."""
    bits = int.from_bytes(hashlib.sha256(of.bytes).digest()[:8]) >> 4
    letters = "".join(_ALPHABET[bits >> shift & 31] for shift in range(55, -1, -5))
    return f"ORA-{letters[:4]}-{letters[4:8]}-{letters[8:]}"
