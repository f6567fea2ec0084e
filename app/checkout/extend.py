"""A payer is at work: the reservation is extended, once, so that paying costs no units."""

from uuid import UUID

from sqlalchemy import func
from sqlalchemy.orm import Session

from app.checkout import claims
from app.core.redis_client import redis
from app.inventory import reservations
from app.orders import orders


def extend_reservation(session: Session, order_id: UUID, *, lifetime_seconds: int) -> None:
    """
    Move a pending order's deadline out to ``lifetime_seconds`` from now, if that was not done yet.

    What has expired stays so; the capture takes the units again if they are still there.
    """
    order = orders.lock(session, order_id)
    if order.status != "pending" or order.extended_at is not None:
        return
    deadline = reservations.extend(
        session, redis(), claims.of_order(order), lifetime_seconds=lifetime_seconds
    )
    if deadline is not None:
        order.expires_at, order.extended_at = deadline, func.now()
