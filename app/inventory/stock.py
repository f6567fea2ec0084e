"""What Redis knows of a product: told from Postgres, asked by whoever needs a number."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog
from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core import points
from app.core.cache import Cache
from app.core.db import after_commit, transaction
from app.core.ids import read_id
from app.core.problems import ServiceUnavailable
from app.core.redis_client import AnyRedis, foreign_errors
from app.inventory import counters, keys, scripts, telling
from app.inventory.errors import StaleEpoch, UnknownSku, UnknownToRedisError
from app.inventory.models import EPOCHS, Reservation
from app.inventory.terms import Known, Levels, OnHand, Pending

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")

_RESERVED = (
    select(func.coalesce(func.sum(Reservation.units), 0))
    .where(
        Reservation.product_id == Product.id,
        Reservation.state == "pending",
        Reservation.deadline_at > func.now(),
    )
    .scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Status:
    """What staff want to know of one product's stock."""

    sku: str
    name: str
    levels: Levels
    low_stock_threshold: int
    purchase_limit: int

    @property
    def is_low(self) -> bool:
        """Tell whether it is time to order more."""
        return self.levels.available <= self.low_stock_threshold


def knowing(redis: AnyRedis, ask: Callable[[], Answer]) -> Answer:
    """
    Ask Redis; what it does not know is loaded from Postgres, then it is asked again.

    A cluster tells slot by slot what it does not know.

    Raises:
        UnknownSku: Postgres does not know it either.
        StaleEpoch: Redis forgot again what it had just been told.
    """
    told: set[str] = set()
    while True:
        try:
            return ask()
        except UnknownToRedisError as unknown:
            if told.issuperset(unknown.skus):
                raise StaleEpoch from unknown
            # The one place below the stories that opens a transaction: a hot path has none to give.
            with transaction() as session:
                load(session, redis, unknown.skus)
            told.update(unknown.skus)


def load(
    session: Session,
    redis: AnyRedis,
    skus: Collection[str],
    *,
    is_forced: bool = False,
    wanted: Mapping[str, int] | None = None,
) -> list[str]:
    """
    Tell Redis about products, under their row locks so that no change slips in between.

    A product that this server was told of by the last load is left alone, unless ``is_forced``.
    Returns the SKUs that were loaded; each gets a new epoch, on which alone new writes may stand.
    A product that may be split is, where each of its counters can give the units ``wanted``.

    Raises:
        UnknownSku: naming those that are not in the catalogue.
    """
    products = session.scalars(
        select(Product)
        .where(Product.sku.in_(skus))
        .order_by(Product.sku)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    _refuse_missing(skus, {product.sku for product in products})
    epoch: int = session.scalars(select(EPOCHS.next_value())).one()
    due = [one for one in products if is_forced or not telling.is_whole(redis, one)]
    for product in due:
        telling.hide(redis, product)
    told = []
    for product, known in zip(due, _known(session, redis, due), strict=True):
        points.reached("load.before-set")
        present = None if is_forced else product.stock_epoch
        units = (wanted or {}).get(product.sku, 0)
        told.append(telling.tell(redis, product, known, present=present, epoch=epoch, wanted=units))
    loaded = [one.sku for one in told if one.epoch == epoch]
    session.execute(update(Product).where(Product.sku.in_(loaded)).values(stock_epoch=epoch))
    # Not before: what stood on the epoch before this one may still be written until the commit.
    after_commit(session, partial(telling.publish, redis, told))
    log.info("stock.loaded", products=len(loaded))
    return loaded


def _known(session: Session, redis: AnyRedis, products: Sequence[Product]) -> Iterable[Known]:
    """Read all that Redis has to be told of locked products."""
    committed = _undeducted(session, redis, products)
    pending = _pending(session, [product.id for product in products])
    limited = [product.id for product in products if product.purchase_limit]
    paid_for = bought(session, limited)
    for product in products:
        paid = committed.get(product.id, {})
        yield Known(
            number=OnHand(product.sku, product.stock_quantity, product.stock_version),
            limit=product.purchase_limit,
            has_waiting_room=product.has_waiting_room,
            pending=tuple(p for p in pending[product.id] if str(p.order_id) not in paid),
            committed=paid,
            bought=paid_for.get(product.id, {}),
        )


def _pending(session: Session, product_ids: Sequence[UUID]) -> dict[UUID, list[Pending]]:
    rows = session.scalars(
        select(Reservation).where(
            Reservation.product_id.in_(product_ids), Reservation.state == "pending"
        )
    )
    found: dict[UUID, list[Pending]] = {product_id: [] for product_id in product_ids}
    for row in rows:
        deadline_ms = round(row.deadline_at.timestamp() * 1000)
        found[row.product_id].append(Pending(row.order_id, row.units, row.buyer, deadline_ms))
    return found


def _undeducted(
    session: Session, redis: AnyRedis, products: Sequence[Product]
) -> dict[UUID, dict[str, tuple[str, int]]]:
    """Tell which units in Redis are committed to orders that Postgres has not deducted yet."""
    with foreign_errors():
        pipeline = redis.pipeline(transaction=False)
        asked = [(p.id, name) for p in products for name in counters.of_product(p)]
        for _, name in asked:
            pipeline.hkeys(keys.committed(name))
        entries = [
            (product_id, order_id)
            for (product_id, _), found in zip(asked, pipeline.execute(), strict=True)
            for order_id in map(read_id, found)
            if order_id is not None
        ]
    rows = session.scalars(
        select(Reservation).where(
            tuple_(Reservation.product_id, Reservation.order_id).in_(entries),
            Reservation.state != "committed",
        )
    )
    undeducted: dict[UUID, dict[str, tuple[str, int]]] = {}
    for row in rows.all() if entries else ():
        undeducted.setdefault(row.product_id, {})[str(row.order_id)] = (row.buyer, row.units)
    return undeducted


def bought(session: Session, product_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Tell what buyers have paid for and kept of limited products."""
    found: dict[UUID, dict[str, int]] = {}
    if product_ids:
        rows = session.execute(
            select(
                Reservation.product_id,
                Reservation.buyer,
                func.sum(Reservation.units - Reservation.returned),
            )
            .where(Reservation.product_id.in_(product_ids), Reservation.state == "committed")
            .group_by(Reservation.product_id, Reservation.buyer)
        )
        for product_id, buyer, units in rows:
            found.setdefault(product_id, {})[buyer] = units
    return found


def set_purchase_limit(redis: AnyRedis, sku: str, limit: int) -> None:
    """
    Let each customer have up to ``limit`` units of a product, what they have counted in; 0: any.

    Raises:
        UnknownSku: there is no such product.
    """
    with transaction() as session:
        require(session, [sku])
        session.execute(update(Product).where(Product.sku == sku).values(purchase_limit=limit))
        # Redis counts what buyers have of limited products only, so it has to be told anew.
        load(session, redis, [sku], is_forced=True)


def stale(redis: AnyRedis, epochs: Mapping[str, int]) -> StaleEpoch:
    """
    Make the problem of having stood on an epoch that is over.

    Where Redis itself still stands on it, since a load died half-way, it is made to load again.
    """
    for sku, epoch in epochs.items():
        for name in counters.all_of(sku):
            scripts.forget(redis, name, epoch=epoch)
    log.warning("stock.stale_epoch", epochs=dict(epochs))
    return StaleEpoch()


def relearn(session: Session, skus: Collection[str]) -> bool:
    """
    Look over how many counters products are split, once no load of them is under way.

    Tells whether that is news to this process; until the transaction ends it stays so.
    """
    is_news = False
    for sku, count in session.execute(_COUNTERS, {"skus": sorted(skus)}):
        is_news |= count != counters.count_of(sku)
        counters.learn(sku, count)
    return is_news


_COUNTERS = text("""
    SELECT sku, coalesce(cardinality(on_hand_by_counter), 1) FROM products
    WHERE sku = ANY(:skus) ORDER BY sku FOR KEY SHARE
""")


def levels(redis: AnyRedis, skus: Sequence[str]) -> dict[str, Levels]:
    """
    Tell the levels of each SKU; from Postgres' copy where Redis is out of reach.

    Raises:
        UnknownSku: naming those that are not in the catalogue.
    """
    if not skus:
        return {}
    try:
        return knowing(redis, lambda: scripts.levels(redis, skus))
    except ServiceUnavailable:
        with transaction() as session:
            return _remembered_levels(session, skus)


def shown_levels(redis: AnyRedis, skus: Sequence[str], *, seconds: float) -> dict[str, Levels]:
    """
    Tell the levels of each SKU as shoppers are shown them, up to ``seconds`` old.

    Raises:
        UnknownSku: naming those that are not in the catalogue.
    """
    return _LEVELS.many(skus, partial(levels, redis), seconds=seconds)


_LEVELS: Cache[str, Levels] = Cache(most=100_000)


def _remembered_levels(session: Session, skus: Sequence[str]) -> dict[str, Levels]:
    rows = session.execute(
        select(Product.sku, Product.stock_quantity, _RESERVED).where(Product.sku.in_(skus))
    )
    found = {sku: Levels(on_hand, units, 0) for sku, on_hand, units in rows}
    _refuse_missing(skus, found)
    return found


def available(redis: AnyRedis, sku: str) -> int:
    """
    Tell how many units of a product may still be promised.

    Raises:
        UnknownSku: the shop has no such product.
    """
    return levels(redis, [sku])[sku].available


def statuses(redis: AnyRedis, skus: Sequence[str], *, cache_seconds: float = 0) -> list[Status]:
    """
    Tell the status of up to 200 products, in the order they were asked for.

    The numbers are of now; name, threshold and limit may be ``cache_seconds`` old.

    Raises:
        UnknownSku: naming those that are not in the catalogue.
    """
    found = _LABELS.many(skus, _labels, seconds=cache_seconds)
    _refuse_missing(skus, found)
    known = levels(redis, skus)
    return [Status(sku, found[sku][0], known[sku], *found[sku][1:]) for sku in skus]


def _labels(skus: Sequence[str]) -> dict[str, tuple[str, int, int]]:
    columns = Product.name, Product.low_stock_threshold, Product.purchase_limit
    with transaction() as session:
        rows = session.execute(select(Product.sku, *columns).where(Product.sku.in_(skus)))
        return {sku: (name, threshold, limit) for sku, name, threshold, limit in rows}


_LABELS: Cache[str, tuple[str, int, int]] = Cache(most=100_000)


def status(redis: AnyRedis, sku: str) -> Status:
    """
    Tell the status of one product.

    Raises:
        UnknownSku: the shop has no such product.
    """
    return statuses(redis, [sku])[0]


def page(session: Session, *, is_low: bool, limit: int | None, after: str | None) -> Sequence[str]:
    """
    List SKUs in their order, from the one ``after`` on; low ones alone, or all.

    Which are low is Postgres' view of it, so that all products can be asked; what is told of each
    comes from Redis.
    """
    query = select(Product.sku).order_by(Product.sku).limit(limit)
    if is_low:
        query = query.where(Product.stock_quantity - _RESERVED <= Product.low_stock_threshold)
    if after is not None:
        query = query.where(Product.sku > after)
    return session.scalars(query).all()


def require(session: Session, skus: Collection[str]) -> None:
    """
    Make sure that the catalogue has these products.

    Raises:
        UnknownSku: naming those that it has not.
    """
    _refuse_missing(skus, session.scalars(select(Product.sku).where(Product.sku.in_(skus))))


def unknown(skus: Sequence[str]) -> UnknownSku:
    """Make the problem of SKUs that are not in the catalogue."""
    return UnknownSku(f"There is no product {', '.join(skus)}.", skus=list(skus))


def _refuse_missing(skus: Iterable[str], found: Iterable[str]) -> None:
    missing = sorted(set(skus) - set(found))
    if missing:
        raise unknown(missing)
