"""Orders whose time to pay is over."""

import structlog

from app.checkout.expire import expire_order
from app.core.db import transaction
from app.core.problems import Problem
from app.core.redis_client import redis
from app.inventory import reservations
from app.orders import orders

log = structlog.get_logger(__name__)

BATCH = 200


def expire_orders() -> int:
    """Close what has run out; the units are on sale since their deadline, whenever this runs."""
    now = reservations.now(redis())
    with transaction() as session:
        due = orders.due_to_expire(session, now, limit=BATCH)
    expired = 0
    for order_id in due:
        try:
            expired += expire_order(order_id, now=now)
        except Problem as problem:
            # Somebody is at this order; the next run finds it again.
            log.info("order.not_expired", order_id=str(order_id), reason=problem.code())
    return expired
