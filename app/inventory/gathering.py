"""
The last units of a product that is split: gathered, so that none is stranded on a counter.

A counter that is short says nothing of the others. Before anybody is refused, the units are shared
out anew, over one counter where they are few; that one answers exactly.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.db import transaction
from app.core.problems import ServiceUnavailable
from app.core.redis_client import AnyRedis
from app.inventory import counters, scripts, stock
from app.inventory.errors import InsufficientStock, UnknownToRedisError, insufficient
from app.inventory.models import Reservation
from app.inventory.terms import Claim, Levels

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")

# One is enough, unless others are as quick with what was gathered.
MOST_TRIES = 5
# So much more than a split needs has to be free before what was gathered is split again.
SPARE = 2


def promising(redis: AnyRedis, claim: Claim, ask: Callable[[], Answer]) -> Answer:
    """
    Ask Redis for a claim's units as ``stock.knowing`` does; refuse them only where all are short.

    Raises:
        InsufficientStock: naming every short line and what is available of it, by all counters.
        ServiceUnavailable: others took what was gathered, again and again; ask again.
        UnknownSku, StaleEpoch: as ``stock.knowing`` says.
    """
    for _ in range(MOST_TRIES):
        try:
            return stock.knowing(redis, ask)
        except InsufficientStock as refusal:
            short = {line["sku"]: line["available"] for line in _lines(refusal)}
            split = [sku for sku in short if counters.count_of(sku) > 1]
            if not split:
                raise
            _refuse_what_none_has(redis, claim, short, split)
            _gather(redis, claim, split)
    raise ServiceUnavailable


def _lines(refusal: InsufficientStock) -> Sequence[dict[str, Any]]:
    lines: Any = refusal.members["lines"]
    return list(lines)


def _refuse_what_none_has(
    redis: AnyRedis, claim: Claim, short: dict[str, int], split: Sequence[str]
) -> None:
    """
    Refuse a claim of which a line is short whatever is gathered.

    Of a split product that is where it is short by far: who asks for more than there is shall not
    make it be told anew. The last units are gathered first: then they are counted in one step.
    """
    count = {sku: counters.count_of(sku) for sku in split}
    totals = stock.knowing(redis, lambda: scripts.levels(redis, split))
    available = short | {sku: levels.available for sku, levels in totals.items()}
    lacking = {sku: units for sku, units in available.items() if units < claim.units[sku]}
    if any(
        sku not in count or units >= count[sku] * counters.FEW for sku, units in lacking.items()
    ):
        raise insufficient(lacking, claim.units)


def _gather(redis: AnyRedis, claim: Claim, split: Sequence[str]) -> None:
    """Have products whose counter is short of a claim's units told anew, unless others did."""
    with transaction() as session:
        locked = session.scalars(
            select(Product).where(Product.sku.in_(split)).order_by(Product.sku).with_for_update()
        )
        skus = [product.sku for product in locked if _is_short(redis, claim, product)]
        if skus:
            stock.load(session, redis, skus, is_forced=True, wanted=claim.units)
            log.info("stock.gathered", skus=skus)
        stock.relearn(session, set(split) - set(skus))


def _is_short(redis: AnyRedis, claim: Claim, product: Product) -> bool:
    count = len(counters.of_product(product))
    name = counters.of_claim(claim, product.sku, count)
    try:
        levels: Levels = scripts.levels(redis, [name])[name]
    except UnknownToRedisError:
        return True
    return count > 1 and levels.available < claim.units[product.sku]


def gathered(session: Session, skus: Sequence[str]) -> Sequence[str]:
    """List which of these products may be split, are not, and have units enough free again."""
    held = (
        select(func.coalesce(func.sum(Reservation.units), 0))
        .where(Reservation.product_id == Product.id, Reservation.state == "pending")
        .scalar_subquery()
    )
    query = select(Product.sku).where(
        Product.sku.in_(skus),
        Product.counters > 1,
        Product.on_hand_by_counter.is_(None),
        Product.has_waiting_room.is_(False),
        Product.stock_quantity - held >= SPARE * counters.FEW * Product.counters,
    )
    return session.scalars(query.order_by(Product.sku)).all()
