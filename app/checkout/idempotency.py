"""
Idempotency-Key: a request that is repeated is answered once.

Redis keeps repetitions apart while the first is being answered; Postgres keeps the answer, in the
transaction that makes the order. Refusals that may change on a retry (409, 503) are not kept.
"""

import hashlib
import json
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.checkout import keys, scripts
from app.checkout.errors import IdempotencyKeyReused
from app.checkout.models import IdempotencyKey
from app.core.problems import ServiceUnavailable
from app.core.redis_client import AnyRedis
from app.inventory.scripts import Guard

# Longer than a checkout takes with every time-out at its worst.
LEASE_MS = 15_000
# Clients retry within a day; Stripe keeps its keys as long.
KEPT_MS = 24 * 60 * 60 * 1000


def fingerprint(body: dict[str, Any]) -> str:
    """Sum up a request's body, whatever the order of its members; what is null counts as absent."""
    given = {name: value for name, value in body.items() if value is not None}
    canonical = json.dumps(given, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()


def claim(order_id: UUID, summed_up: str, token: str) -> Guard:
    """Claim the right to answer a request, in the round trip that reserves its units."""
    return scripts.claim(
        order_id, fingerprint=summed_up, token=token, lease_ms=LEASE_MS, kept_ms=KEPT_MS
    )


def reclaim(order_id: UUID, token: str) -> Guard:
    """Go on with a request that was claimed before, and turned out not to be answered."""
    return Guard(keys.request(order_id), f"{token}?")


def give_up(redis: AnyRedis, order_id: UUID, token: str) -> None:
    """Give a claim up that led to no answer; without it, the lease runs out."""
    with suppress(ServiceUnavailable):
        scripts.yield_(redis, order_id, token=token)


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


def forget(session: Session, *, older_than: timedelta, limit: int) -> int:
    """Forget answers that were given so long ago; tells how many, up to ``limit``."""
    record = IdempotencyKey
    old = select(record.order_id).where(record.created_at < func.now() - older_than).limit(limit)
    gone = delete(record).where(record.order_id.in_(old)).returning(record.order_id)
    return len(session.scalars(gone).all())
