"""A pending order is given up: its units go back on sale, its coupon to whoever is next."""

from sqlalchemy.orm import Session

from app.checkout import claims
from app.core.redis_client import redis
from app.coupons import coupons
from app.inventory import reservations
from app.orders import orders
from app.orders.models import Order


def release_order(session: Session, order: Order, *, actor: str, reason: str | None) -> None:
    """
    Cancel a locked pending order.

    A payment that is captured all the same makes the order live again, or is refunded.
    """
    orders.move(session, order, "cancelled", actor=actor, reason=reason)
    coupons.give_back(session, order.id)
    reservations.resolve(session, order.id, "released")
    reservations.release_after_commit(session, redis(), claims.of_order(order))
