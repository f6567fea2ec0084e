"""
Idempotency-Key: a request that is repeated is answered once.

Redis keeps repetitions apart while the first is being answered; Postgres keeps the answer, in the
transaction that makes the order. Refusals that may change on a retry (409, 503) are not kept.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from app.checkout import scripts
from app.checkout.errors import IdempotencyKeyReused
from app.checkout.models import IdempotencyKey
from app.core.problems import ServiceUnavailable
from app.core.redis_client import AnyRedis

# Longer than a checkout takes with every time-out at its worst.
LEASE_MS = 15_000
# Clients retry within a day; Stripe keeps its keys as long.
KEPT_MS = 24 * 60 * 60 * 1000


def fingerprint(body: dict[str, Any]) -> str:
    """Sum up a request's body, whatever the order of its members."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


@contextmanager
def claimed(redis: AnyRedis, order_id: UUID, *, of: str) -> Iterator[bool]:
    """
    Answer a request alone; yields False where its answer is there already.

    Raises:
        RequestInFlight: another call is answering it.
        IdempotencyKeyReused: the key was used with another body.
    """
    token = uuid4().hex
    is_ours = scripts.claim(redis, order_id, fingerprint=of, token=token, lease_ms=LEASE_MS)
    try:
        yield is_ours
    except BaseException:
        if is_ours:
            _quietly(lambda: scripts.yield_(redis, order_id, token=token))
        raise
    _quietly(lambda: scripts.answer(redis, order_id, fingerprint=of, lifetime_ms=KEPT_MS))


def keep(session: Session, order_id: UUID, *, of: str, answer: dict[str, Any]) -> None:
    """Write the answer down beside the order."""
    session.add(IdempotencyKey(order_id=order_id, fingerprint=of, answer=answer))


def kept(session: Session, order_id: UUID, *, of: str) -> dict[str, Any] | None:
    """
    Read the answer that was given, if one was.

    Raises:
        IdempotencyKeyReused: it was given to another body.
    """
    record = session.get(IdempotencyKey, order_id)
    if record is None:
        return None
    if record.fingerprint != of:
        raise IdempotencyKeyReused
    return record.answer


def _quietly(act: Any) -> None:
    """Skip what only saves time: without it the lease runs out, and Postgres knows the answer."""
    try:
        act()
    except ServiceUnavailable:
        return
