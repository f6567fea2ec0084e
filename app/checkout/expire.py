"""The time to pay is over: the order is closed, and its units are on sale again."""

from datetime import datetime
from uuid import UUID

from app.checkout import claims
from app.core.db import transaction
from app.core.redis_client import redis
from app.coupons import coupons
from app.inventory import reservations
from app.orders import orders


def expire_order(order_id: UUID, *, now: datetime) -> bool:
    """
    Close a pending order whose time is up by ``now``; False where it is not, or not any more.

    Redis gave the units back at the deadline already; this tells Postgres and the customer.
    """
    with transaction() as session:
        order = orders.lock(session, order_id)
        if order.status != "pending" or order.expires_at > now:
            return False
        orders.move(session, order, "expired", actor="clock", reason="not paid in time")
        coupons.give_back(session, order.id)
        reservations.resolve(session, order.id, "expired")
        reservations.release_after_commit(session, redis(), claims.of_order(order))
        return True
