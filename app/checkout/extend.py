"""A payer is at work: the reservation is extended, once, so that paying costs no units."""

from datetime import datetime

from app.core import db, points
from app.core.db import array
from app.core.redis_client import redis
from app.inventory import reservations, stock
from app.inventory.terms import Claim

# The order's row first, then its products', as everybody locks them. Of two that came at once the
# later deadline stays, which is the one that Redis has.
_EXTEND = """
    WITH due AS (
        SELECT id FROM orders WHERE id = %(order_id)s AND status = 'pending' FOR UPDATE
    ), known AS (
        SELECT products.id FROM due, products
        JOIN unnest(%(skus)s::text[], %(epochs)s::bigint[]) AS line (sku, epoch)
            ON products.sku = line.sku AND products.stock_epoch = line.epoch
        ORDER BY products.sku FOR KEY SHARE OF products
    ), whole AS (
        SELECT id FROM due WHERE (SELECT count(*) FROM known) = cardinality(%(skus)s::text[])
    ), held AS (
        UPDATE reservations SET deadline_at = greatest(deadline_at, %(deadline)s)
        FROM whole, known
        WHERE order_id = whole.id AND product_id = known.id AND state = 'pending'
    ), extended AS (
        UPDATE orders SET expires_at = greatest(expires_at, %(deadline)s), extended_at = now()
        FROM whole WHERE orders.id = whole.id
    )
    SELECT EXISTS (SELECT FROM whole) FROM due
"""


def extend_reservation(claim: Claim, *, lifetime_seconds: int) -> datetime | None:
    """
    Move a pending order's deadline out to ``lifetime_seconds`` from now.

    Returns the new one, or None where nothing is held any more. What has expired stays so; the
    capture takes the units again if they are still there. It is for the caller to ask only once.

    Raises:
        StaleEpoch: Redis lost the reservation, or may have; Postgres has the old deadline.
        ServiceUnavailable: one of them is out of reach; Postgres has the old deadline, or not.
    """
    extended = reservations.extend(redis(), claim, lifetime_seconds=lifetime_seconds)
    if extended is None:
        return None
    points.reached("extend.after-redis")
    deadline = reservations.instant(extended.deadline_ms)
    written = db.statement(
        _EXTEND,
        {
            "order_id": claim.id,
            "skus": array(extended.epochs),
            "epochs": array(extended.epochs.values()),
            "deadline": deadline,
        },
    )
    # An order that was ended meanwhile is not due: whoever ended it releases its units.
    for (is_whole,) in written:
        if not is_whole:
            raise stock.stale(redis(), extended.epochs)
    return deadline if written else None
