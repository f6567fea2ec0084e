"""What happens to a sale on a cluster, and what has to be true of it afterwards."""

from sqlalchemy import func, select

from app.catalog.models import Product
from app.core import redis_client
from app.core.redis_client import slot
from app.inventory import keys
from app.inventory.models import Reservation
from app.orders.models import Order
from dev.redis_cluster import MASTERS


def dies(cluster, counter):
    """Kill the master that has a counter; return once its replica has taken over."""
    redis = redis_client.redis()
    cluster.master_of(slot(redis, keys.stock(counter))).kill()
    cluster.await_whole(replicas=MASTERS - 1)


def promised(session, sku):
    """Units that Postgres holds for somebody, pending or paid, beside what is on hand."""
    return session.execute(
        select(
            Product.stock_quantity,
            select(func.coalesce(func.sum(Reservation.units), 0))
            .where(Reservation.product_id == Product.id, Reservation.state == "pending")
            .scalar_subquery(),
        ).where(Product.sku == sku)
    ).one()


def give_back_what_no_order_stands_on(session, counter):
    """Let the time of reservations without an order be over, as it is in a quarter of an hour."""
    redis, orders = redis_client.redis(), set(map(str, session.scalars(select(Order.id))))
    members = redis.zrange(keys.reservations(counter), 0, -1)
    orphans = [member for member in members if member.partition(":")[0] not in orders]
    for member in orphans:
        redis.zadd(keys.reservations(counter), {member: 1})
    return len(orphans)
