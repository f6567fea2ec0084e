"""Orders whose time to pay is over."""

import time

import structlog

from app.checkout.expire import expire_order
from app.core.db import transaction
from app.core.problems import Problem
from app.core.redis_client import redis
from app.inventory import reservations
from app.orders import orders

log = structlog.get_logger(__name__)

BATCH = 200
# While Redis or a lock lets every order wait for its time-out, a batch takes minutes; what else the
# clock has for this queue, the sweep above all, is not to stand behind it.
BUDGET_SECONDS = 5


def expire_orders() -> int:
    """Close what has run out; the units are on sale since their deadline, whenever this runs."""
    now = reservations.now(redis())
    with transaction() as session:
        due = orders.due_to_expire(session, now, limit=BATCH)
    expired = 0
    stop_at = time.monotonic() + BUDGET_SECONDS
    for order_id in due:
        try:
            expired += expire_order(order_id, now=now)
        except Problem as problem:
            # Somebody is at this order; the next run finds it again.
            log.info("order.not_expired", order_id=str(order_id), reason=problem.code())
        if time.monotonic() > stop_at:
            break
    return expired
