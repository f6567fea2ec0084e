"""Reservations: taken in Redis, remembered in Postgres."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from redis import Redis
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.core.db import after_commit
from app.core.problems import ServiceUnavailable
from app.core.redis_client import foreign_errors
from app.inventory import keys, scripts, stock
from app.inventory.errors import ReservationCommitted
from app.inventory.models import Reservation
from app.inventory.scripts import Reserved

log = structlog.get_logger(__name__)


def reserve(
    redis: Redis, order_id: UUID, quantities: Mapping[str, int], *, lifetime_seconds: int
) -> Reserved | None:
    """
    Take ``quantities`` (SKU to units) out of sale for an order, all of them or none.

    Returns None where the order is paid already.

    Raises:
        InsufficientStock: naming every short line and what is available of it.
        UnknownSku: the shop has no such product.
    """
    return stock.knowing(
        redis,
        lambda: scripts.reserve(redis, order_id, quantities, lifetime_ms=lifetime_seconds * 1000),
    )


def remember(
    session: Session, order_id: UUID, units: Mapping[UUID, int], *, deadline: datetime
) -> None:
    """Write the durable copy of a reservation; ``units`` is product id to units."""
    session.add_all(
        Reservation(order_id=order_id, product_id=product_id, units=count, deadline_at=deadline)
        for product_id, count in units.items()
    )


def extend(
    session: Session,
    redis: Redis,
    order_id: UUID,
    quantities: Mapping[str, int],
    *,
    lifetime_seconds: int,
) -> datetime | None:
    """Move the deadline out, here and there; None where nothing is held any more."""
    deadline_ms = scripts.extend(redis, order_id, quantities, lifetime_ms=lifetime_seconds * 1000)
    if deadline_ms is None:
        return None
    deadline = instant(deadline_ms)
    session.execute(
        update(Reservation)
        .where(Reservation.order_id == order_id, Reservation.state == "pending")
        .values(deadline_at=deadline)
    )
    return deadline


def commit(redis: Redis, order_id: UUID, quantities: Mapping[str, int]) -> None:
    """
    Make a paid order's units ones that never expire.

    Raises:
        InsufficientStock: the reservation had expired and the units are gone.
    """
    stock.knowing(redis, lambda: scripts.commit(redis, order_id, quantities))


def release(
    redis: Redis, order_id: UUID, quantities: Mapping[str, int], *, deadline_ms: int | None = None
) -> None:
    """
    Give up an order's reservation; with a ``deadline_ms``, only one that still has it.

    Raises:
        ReservationCommitted: the order is being paid; nothing was given up.
    """
    if quantities:
        scripts.release(redis, order_id, quantities, deadline_ms=deadline_ms)


def resolve(session: Session, order_id: UUID, state: str) -> None:
    """Write how a reservation ended; one that lives again after its end is written over."""
    ended = ("pending", "expired", "released") if state == "committed" else ("pending",)
    session.execute(
        update(Reservation)
        .where(Reservation.order_id == order_id, Reservation.state.in_(ended))
        .values(state=state)
    )


def release_after_commit(
    session: Session, redis: Redis, order_id: UUID, quantities: Mapping[str, int]
) -> None:
    """
    Put an order's units on sale again once Postgres knows that nobody waits for them.

    In this order, since Redis must never promise what Postgres still holds for somebody. Where
    Redis cannot be reached the deadline does it; what was paid meanwhile stays committed.
    """

    def give_up() -> None:
        try:
            release(redis, order_id, quantities)
        except (ServiceUnavailable, ReservationCommitted) as reason:
            log.info("reservation.not_released", order_id=str(order_id), reason=str(reason))

    after_commit(session, give_up)


def time_left(redis: Redis, order_id: UUID, expires_at: datetime) -> timedelta:
    """
    Tell by Redis' clock how long an order's reservation still lasts; zero where it does not.

    ``expires_at`` is Postgres' copy, for a Redis that forgot; this machine's clock is the last
    resort, for a Redis that is out of reach.
    """
    try:
        with foreign_errors():
            pipeline = redis.pipeline(transaction=False)
            pipeline.pttl(keys.reservation(order_id))
            pipeline.time()
            left_ms, (seconds, microseconds) = pipeline.execute()
    except ServiceUnavailable:
        return max(expires_at - datetime.now(UTC), timedelta())
    if left_ms > 0:
        return timedelta(milliseconds=left_ms)
    return max(expires_at - instant(seconds * 1000 + microseconds // 1000), timedelta())


def now(redis: Redis) -> datetime:
    """Tell the time by Redis' clock, which decides what has expired."""
    with foreign_errors():
        seconds, microseconds = redis.time()
    return instant(seconds * 1000 + microseconds // 1000)


def instant(milliseconds: int) -> datetime:
    """Turn milliseconds of Redis' clock into a time."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
