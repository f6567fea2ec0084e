"""A buyer gives a pending order up: its units go back on sale."""

from uuid import UUID

from app.checkout import claims
from app.checkout.errors import OrderNotCancellable
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import reservations
from app.orders import orders
from app.orders.models import Order


def cancel_order(order_id: UUID, *, customer_id: UUID, reason: str | None) -> Order:
    """
    Cancel a customer's pending order; cancelling it again changes nothing.

    A payment that is captured all the same makes the order live again, or is refunded.

    Raises:
        OrderNotFound: there is none among the customer's.
        OrderNotCancellable: it is past that.
    """
    with transaction() as session:
        order = orders.lock(session, order_id, user_id=customer_id)
        if order.status == "cancelled":
            return order
        if order.status != "pending":
            raise OrderNotCancellable(f"The order is {order.status}.", order_status=order.status)
        orders.move(session, order, "cancelled", actor=f"customer:{customer_id}", reason=reason)
        reservations.resolve(session, order.id, "released")
        reservations.release_after_commit(session, redis(), claims.of_order(order))
        return order
