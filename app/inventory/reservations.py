"""Reservations: taken in Redis, remembered in Postgres."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core import points
from app.core.db import after_commit, transaction
from app.core.problems import ServiceUnavailable
from app.core.redis_client import AnyRedis, clock_ms, foreign_errors
from app.inventory import gathering, keys, scripts, stock
from app.inventory.errors import ReservationCommitted, UnknownToRedisError
from app.inventory.terms import Claim, Extended, Reserved

log = structlog.get_logger(__name__)

# How many keys Redis looks at in one step of the sweep.
SWEEP_BATCH = 500

# A load that is under way has to be over, or to come after this: it must not bring back what ends.
_RESOLVE = text("""
    WITH held AS (
        SELECT order_id, product_id
        FROM products JOIN reservations ON product_id = products.id
        WHERE order_id = ANY(:order_ids) ORDER BY products.sku FOR KEY SHARE OF products)
    UPDATE reservations SET state = :state FROM held
    WHERE reservations.order_id = held.order_id AND reservations.product_id = held.product_id
        AND state = ANY(:ended)
""")


def reserve(
    redis: AnyRedis, claim: Claim, *, lifetime_seconds: int, guard: scripts.Guard | None = None
) -> Reserved | None:
    """
    Take a claim's units out of sale for an order, all of them or none.

    Returns None where the order is paid already. With a ``guard`` they are taken only where it
    holds, and it is dropped where they are refused.

    Raises:
        InsufficientStock: naming every short line and what is available of it.
        PurchaseLimitExceeded: naming every line above what the buyer may have.
        AdmissionNeeded: naming every line of a waiting room that the buyer was not let in from.
        UnknownSku: the shop has no such product.
    """
    return gathering.promising(
        redis,
        claim,
        lambda: scripts.reserve(redis, claim, lifetime_ms=lifetime_seconds * 1000, guard=guard),
    )


def extend(redis: AnyRedis, claim: Claim, *, lifetime_seconds: int) -> Extended | None:
    """
    Move a claim's deadline out; None where nothing is held any more.

    It is for the caller to have Postgres remember it, on the epochs that are returned.

    Raises:
        StaleEpoch: Redis forgot again what it had just been told.
    """
    return stock.knowing(
        redis, lambda: scripts.extend(redis, claim, lifetime_ms=lifetime_seconds * 1000)
    )


def commit(redis: AnyRedis, claim: Claim) -> dict[str, int]:
    """
    Make a paid order's units ones that never expire; returns the epoch of each line.

    Raises:
        InsufficientStock, PurchaseLimitExceeded: the reservation had expired, and the units are
            gone or the buyer has bought others meanwhile.
    """
    return gathering.promising(redis, claim, lambda: scripts.commit(redis, claim))


def commit_all(redis: AnyRedis, claims: Sequence[Claim]) -> dict[UUID, dict[str, int]]:
    """
    Make the units of many paid orders ones that never expire, in one round trip.

    Returns the epochs of each order that is committed; the others have to be committed alone,
    which tells why not, or what Redis has to be told first.
    """
    return scripts.commit_all(redis, claims)


def release(redis: AnyRedis, claim: Claim, *, fence: Reserved | None = None) -> None:
    """
    Give up an order's reservation; with a ``fence``, only what that call took and nobody renewed.

    Raises:
        ReservationCommitted: the order is being paid; nothing was given up.
    """
    if fence is not None:
        claim = claim.only(fence.taken)
    absent = scripts.release(redis, claim, fence=fence) if claim.units else []
    if absent:
        # They may be of other counters by now, of which a load told while this was under way.
        with transaction() as session:
            is_news = stock.relearn(session, absent)
        if is_news:
            scripts.release(redis, claim.only(absent), fence=fence)


def resolve(session: Session, order_id: UUID, state: str) -> None:
    """Write how a reservation ended; one that lives again after its end is written over."""
    resolve_all(session, [order_id], state)


def resolve_all(session: Session, order_ids: Sequence[UUID], state: str) -> None:
    """Write how the reservations of many orders ended."""
    ended = ["pending", "expired", "released"] if state == "committed" else ["pending"]
    session.execute(_RESOLVE, {"order_ids": order_ids, "state": state, "ended": ended})


def release_after_commit(session: Session, redis: AnyRedis, claim: Claim) -> None:
    """
    Put an order's units on sale again once Postgres knows that nobody waits for them.

    In this order, since Redis must never promise what Postgres still holds for somebody. Where
    Redis cannot be reached the deadline does it; what was paid meanwhile stays committed.
    """

    def give_up() -> None:
        points.reached("release.before-redis")
        try:
            release(redis, claim)
        except (ServiceUnavailable, ReservationCommitted) as reason:
            log.info("reservation.not_released", order_id=str(claim.id), reason=str(reason))

    after_commit(session, give_up)


def sweep(redis: AnyRedis) -> int:
    """
    Return what has run out of products that nobody touches; tells of how many it looked at.

    Stock is right without it: whoever touches a product returns what has run out of it first.
    """
    with foreign_errors():
        names = list(redis.scan_iter(match=keys.EVERY_RESERVATIONS, count=SWEEP_BATCH))
    for name in names:
        # What is not known needs no tidying: it is loaded whole.
        with suppress(UnknownToRedisError):
            scripts.levels(redis, [keys.counter_of(name)])
    return len(names)


def time_left(redis: AnyRedis, order_id: UUID, expires_at: datetime) -> timedelta:
    """
    Tell by Redis' clock how long an order's reservation still lasts; zero where it does not.

    ``expires_at`` is Postgres' copy, for a Redis that forgot; this machine's clock is the last
    resort, for a Redis that is out of reach.
    """
    try:
        with foreign_errors():
            left_ms = redis.pttl(keys.reservation(order_id))
        if left_ms > 0:
            return timedelta(milliseconds=left_ms)
        return max(expires_at - now(redis), timedelta())
    except ServiceUnavailable:
        return max(expires_at - datetime.now(UTC), timedelta())


def now(redis: AnyRedis) -> datetime:
    """Tell the time by Redis' clock, which decides what has expired."""
    return instant(clock_ms(redis, "clock"))


def instant(milliseconds: int) -> datetime:
    """Turn milliseconds of Redis' clock into a time."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
