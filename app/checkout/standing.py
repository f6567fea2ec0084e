"""How an order and its payment stand: what a buyer's browser asks again and again."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import select

from app.core.cache import Cache
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import reservations
from app.orders.errors import OrderNotFound
from app.orders.models import Order


class Standing(NamedTuple):
    """What Postgres has of it."""

    order_status: str
    payment_status: str
    expires_at: datetime


_STANDINGS: Cache[tuple[UUID, UUID], Standing] = Cache(most=50_000)


def show(order_id: UUID, *, customer_id: UUID, cache_seconds: float) -> dict[str, Any]:
    """
    Tell how a customer's order stands, as of ``cache_seconds`` ago at the most.

    Raises:
        OrderNotFound: there is none among the customer's.
    """
    key = (order_id, customer_id)
    standing = _STANDINGS.get(key, lambda: _read(*key), seconds=cache_seconds)
    left = 0
    if standing.order_status == "pending":
        time_left = reservations.time_left(redis(), order_id, standing.expires_at)
        left = int(time_left.total_seconds())
    return standing._asdict() | {"seconds_left": left}


def _read(order_id: UUID, customer_id: UUID) -> Standing:
    query = select(Order.status, Order.payment_status, Order.expires_at).where(
        Order.id == order_id, Order.user_id == customer_id
    )
    with transaction() as session:
        row = session.execute(query).one_or_none()
    if row is None:
        raise OrderNotFound
    return Standing(*row)
