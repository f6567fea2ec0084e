"""On hand: received and deducted in Postgres, shown in Redis, told to whoever asks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

import structlog
from redis import Redis
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.db import transaction
from app.core.problems import ServiceUnavailable
from app.inventory import scripts
from app.inventory.errors import UnknownSku, UnknownToRedisError, insufficient
from app.inventory.models import Reservation, StockMovement
from app.inventory.scripts import Levels, OnHand, Pending

log = structlog.get_logger(__name__)
Answer = TypeVar("Answer")

# The final guard: the condition stands in the statement itself, not in code before it.
_DEDUCT = (
    update(Product.__table__)  # type: ignore[arg-type]
    .where(Product.sku == bindparam("of_sku"), Product.stock_quantity >= bindparam("units"))
    .values(
        stock_quantity=Product.stock_quantity - bindparam("units"),
        stock_version=Product.stock_version + 1,
    )
    .returning(Product.id)
)


def knowing(redis: Redis, ask: Callable[[], Answer]) -> Answer:
    """
    Ask Redis; what it does not know is loaded from Postgres, then it is asked once more.

    Raises:
        UnknownSku: Postgres does not know it either.
    """
    try:
        return ask()
    except UnknownToRedisError as unknown:
        # The one place below the stories that opens a transaction: the hot path has none to give.
        with transaction() as session:
            load(session, redis, unknown.skus)
        return ask()


def load(session: Session, redis: Redis, skus: Sequence[str]) -> None:
    """
    Tell Redis about products, under their row locks so that no change slips in between.

    Raises:
        UnknownSku: naming those that are not in the catalogue.
    """
    products = session.scalars(
        select(Product).where(Product.sku.in_(skus)).order_by(Product.sku).with_for_update()
    ).all()
    _refuse_missing(skus, {product.sku for product in products})
    for product in products:
        rows = session.execute(
            select(Reservation.order_id, Reservation.units, Reservation.deadline_at).where(
                Reservation.product_id == product.id, Reservation.state == "pending"
            )
        ).all()
        pending = [Pending(r[0], r[1], round(r[2].timestamp() * 1000)) for r in rows]
        number = OnHand(product.sku, product.stock_quantity, product.stock_version)
        scripts.load(redis, number, pending)
    log.info("stock.loaded", products=len(products))


def levels(redis: Redis, skus: Sequence[str]) -> dict[str, Levels]:
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


def _remembered_levels(session: Session, skus: Sequence[str]) -> dict[str, Levels]:
    reserved = (
        select(func.coalesce(func.sum(Reservation.units), 0))
        .where(
            Reservation.product_id == Product.id,
            Reservation.state == "pending",
            Reservation.deadline_at > func.now(),
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(Product.sku, Product.stock_quantity, reserved).where(Product.sku.in_(skus))
    )
    found = {sku: Levels(on_hand, units, 0) for sku, on_hand, units in rows}
    _refuse_missing(skus, found)
    return found


def deduct(session: Session, order_id: UUID, quantities: Mapping[str, int], *, actor: str) -> None:
    """
    Take a paid order's units off what is on hand, one conditional statement a line.

    In the order of the SKUs, so that two orders never wait for each other.

    Raises:
        InsufficientStock: Postgres does not have the units; the transaction has to be undone.
    """
    for sku, units in sorted(quantities.items()):
        row = session.execute(_DEDUCT, {"of_sku": sku, "units": units}).one_or_none()
        if row is None:
            on_hand = session.scalar(select(Product.stock_quantity).where(Product.sku == sku)) or 0
            raise insufficient({sku: on_hand}, dict(quantities))
        session.add(
            StockMovement(
                product_id=row.id,
                kind="sale",
                units=-units,
                reference=f"sale:{order_id}:{sku}",
                order_id=order_id,
                actor=actor,
            )
        )


def settle(redis: Redis, order_id: UUID, numbers: Sequence[OnHand]) -> None:
    """Drop the order's committed units in Redis, now that Postgres has what is on hand."""
    scripts.settle(redis, order_id, numbers)


def show(redis: Redis, numbers: Sequence[OnHand]) -> None:
    """Show in Redis what Postgres has on hand since a commit; an older number is left out."""
    scripts.sync(redis, numbers)


def on_hand(session: Session, skus: Sequence[str]) -> list[OnHand]:
    """Read what Postgres has on hand."""
    columns = Product.sku, Product.stock_quantity, Product.stock_version
    rows = session.execute(select(*columns).where(Product.sku.in_(skus)).order_by(Product.sku))
    return [OnHand(*row) for row in rows]


def receive(session: Session, sku: str, units: int, *, reference: str, actor: str) -> OnHand | None:
    """
    Book units that came in; the caller shows the returned number in Redis after its commit.

    Returns None where this ``reference`` was booked before: nothing changed.

    Raises:
        UnknownSku: there is no such product.
    """
    product = session.scalar(select(Product).where(Product.sku == sku).with_for_update())
    if product is None:
        raise UnknownSku(f"There is no product {sku}.", skus=[sku])
    booked = session.execute(
        insert(StockMovement)
        .values(
            product_id=product.id, kind="receipt", units=units, reference=reference, actor=actor
        )
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(StockMovement.id)
    ).one_or_none()
    if booked is None:
        return None
    product.stock_quantity += units
    product.stock_version += 1
    return OnHand(sku, product.stock_quantity, product.stock_version)


def low_stock_thresholds(session: Session, skus: Sequence[str]) -> dict[str, int]:
    """
    Tell at how many units each product counts as low.

    Raises:
        UnknownSku: naming those that are not in the catalogue.
    """
    columns = Product.sku, Product.low_stock_threshold
    rows = session.execute(select(*columns).where(Product.sku.in_(skus)))
    thresholds = {sku: threshold for sku, threshold in rows}  # noqa: C416 - rows are no pairs
    _refuse_missing(skus, thresholds)
    return thresholds


def _refuse_missing(skus: Iterable[str], found: Iterable[str]) -> None:
    missing = sorted(set(skus) - set(found))
    if missing:
        raise UnknownSku(f"There is no product {', '.join(missing)}.", skus=missing)
