"""What has to be so when everything of one product is sold."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core import redis_client
from app.inventory import keys, reconciler
from app.inventory.models import StockMovement
from app.orders.models import Order
from tests.builders import Shop, values
from tests.engines.sale import Sale
from tests.payments.balance import assert_balanced

LONGEST_MS = 1_800_000


def standing(session: Session) -> dict[str, int]:
    """How many orders stand how."""
    query = select(Order.status, func.count()).group_by(Order.status)
    return dict(values(session.execute(query)))


def sold_twice(session: Session) -> list[str]:
    """References of the ledger that were booked more than once; a constraint forbids them."""
    query = (
        select(StockMovement.order_id)
        .where(StockMovement.kind == "sale")
        .group_by(StockMovement.order_id, StockMovement.product_id)
        .having(func.count() > 1)
    )
    return list(map(str, session.scalars(query)))


def unwritten(session: Session, sku: str) -> int:
    """Units that Redis holds for orders that nobody wrote; gives them back, as their deadline."""
    redis, orders = redis_client.redis(), set(map(str, session.scalars(select(Order.id))))
    members = redis.zrange(keys.reservations(sku), 0, -1)
    orphans = [member for member in members if member.partition(":")[0] not in orders]
    for member in orphans:
        redis.zadd(keys.reservations(sku), {member: 1})
    return len(orphans)


def check(shop: Shop, session: Session, sale: Sale, units: int) -> None:
    """Exactly the units are sold, each promise is a paid order, and the books add up."""
    assert sorted(sale.paid) == sorted(sale.ordered)
    assert len(set(sale.ordered)) == len(sale.ordered)
    assert standing(session) == {"confirmed": units}
    confirmed = session.scalars(select(Order.id).where(Order.status == "confirmed"))
    assert set(sale.ordered) <= set(map(str, confirmed))
    assert sold_twice(session) == []
    assert shop.on_hand(sale.sku.lower()) == 0
    redis = redis_client.redis()
    assert reconciler.suspicions(session, redis, [sale.sku], longest_ms=LONGEST_MS) == {}
    assert_balanced(session)
