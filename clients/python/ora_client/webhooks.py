"""What the shop tells other systems, believed only where the shop has signed it."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# A message that is older was recorded by somebody and is sent again.
TOLERANCE_SECONDS = 300


class BadSignatureError(ValueError):
    """Nobody who knows the secret has sent this, or not now."""


@dataclass(frozen=True)
class Event:
    """What happened; ``id`` is the same at every try, so that it is worked once."""

    id: str
    type: str
    timestamp: str
    data: Mapping[str, Any]


def verify(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now_seconds: float | None = None,
) -> Event:
    """
    Read a message of the shop; ``body`` is the raw body, as it came.

    Raises:
        BadSignatureError: it is not to be believed.
    """
    told = {name.lower(): value for name, value in headers.items()}
    try:
        event_id, sent_at = told["webhook-id"], told["webhook-timestamp"]
        given = told["webhook-signature"].split()
        age_seconds = (time.time() if now_seconds is None else now_seconds) - int(sent_at)
    except (KeyError, ValueError) as error:
        raise BadSignatureError("The message has not the headers of a signed one.") from error
    if abs(age_seconds) > TOLERANCE_SECONDS:
        raise BadSignatureError("The message is not of now.")
    signed = f"{event_id}.{sent_at}.".encode() + body
    if not _is_among(hmac.digest(_key(secret), signed, hashlib.sha256), given):
        raise BadSignatureError("The signature is not the shop's.")
    message = json.loads(body)
    return Event(event_id, message["type"], message["timestamp"], message["data"])


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("The secret is not one that the shop gives.") from error


def _is_among(digest: bytes, given: Iterable[str]) -> bool:
    ours = f"v1,{base64.b64encode(digest).decode()}".encode()
    # While a secret is being changed there are two signatures.
    return any(hmac.compare_digest(ours, one.encode()) for one in given)
