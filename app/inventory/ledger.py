"""The ledger: every change of on hand is one movement, written beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.problems import ReferenceReused
from app.core.redis_client import AnyRedis
from app.inventory import scripts, stock
from app.inventory.errors import NotReturnable, TooManyUnits, insufficient
from app.inventory.models import Reservation, StockMovement
from app.inventory.terms import Booking, Claim, OnHand

# Well within Postgres' integer.
MOST_ON_HAND = 1_000_000_000

# The final guard: the condition stands in the statement itself, not in code before it. The epoch
# is part of it: what Redis committed before it was told anew is committed no more.
_DEDUCT = (
    update(Product.__table__)  # type: ignore[arg-type]
    .where(
        Product.sku == bindparam("of_sku"),
        Product.stock_epoch == bindparam("epoch"),
        Product.stock_quantity >= bindparam("units"),
    )
    .values(
        stock_quantity=Product.stock_quantity - bindparam("units"),
        stock_version=Product.stock_version + 1,
    )
    .returning(Product.id, Product.stock_quantity)
)


def deduct(
    session: Session,
    redis: AnyRedis,
    claim: Claim,
    epochs: Mapping[str, int],
    booking: Booking,
    *,
    kind: str = "sale",
) -> None:
    """
    Take a committed claim's units off what is on hand, one conditional statement a line.

    In the order of the SKUs, so that two orders never wait for each other.

    Raises:
        InsufficientStock: Postgres does not have the units; the transaction has to be undone.
        StaleEpoch: Redis was told anew since the commit; commit again.
    """
    for sku, units in sorted(claim.units.items()):
        arguments = {"of_sku": sku, "epoch": epochs[sku], "units": units}
        row = session.execute(_DEDUCT, arguments).one_or_none()
        if row is None:
            raise _refusal(session, redis, claim, sku, epochs)
        session.execute(
            insert(StockMovement),
            _movement(row.id, kind, sku, -units, row.stock_quantity, booking),
        )


def _movement(
    product_id: UUID, kind: str, sku: str, units: int, balance: int, booking: Booking
) -> dict[str, Any]:
    """Write a movement that leaves a product with ``balance`` units on hand."""
    return {
        "product_id": product_id,
        "kind": kind,
        "units": units,
        "balance": balance,
        "reference": f"{booking.reference}:{sku}",
        "order_id": booking.order_id,
        "actor": booking.actor,
        "reason": booking.reason,
    }


def _refusal(
    session: Session, redis: AnyRedis, claim: Claim, sku: str, epochs: Mapping[str, int]
) -> Exception:
    columns = Product.stock_quantity, Product.stock_epoch
    row = session.execute(select(*columns).where(Product.sku == sku)).one()
    if row.stock_epoch != epochs[sku]:
        return stock.stale(redis, {sku: epochs[sku]})
    return insufficient({sku: row.stock_quantity}, claim.units)


def add(session: Session, sku: str, units: int, booking: Booking, *, kind: str) -> OnHand | None:
    """
    Book units that come on hand; the caller shows the returned number in Redis after its commit.

    Returns None where they were booked before under this reference: nothing changed.

    Raises:
        UnknownSku: there is no such product.
        TooManyUnits: the number is a mistake.
    """
    # No key of the product changes, so checkouts that point to it need not wait.
    row = select(Product).where(Product.sku == sku).with_for_update(key_share=True)
    product = session.scalar(row.execution_options(populate_existing=True))
    if product is None:
        raise stock.unknown([sku])
    balance = product.stock_quantity + units
    if balance > MOST_ON_HAND:
        raise TooManyUnits(f"{balance} units of {sku} are more than {MOST_ON_HAND}.")
    booked = session.execute(
        insert(StockMovement)
        .values(_movement(product.id, kind, sku, units, balance, booking))
        .on_conflict_do_nothing(index_elements=["reference"])
        .returning(StockMovement.id)
    ).one_or_none()
    if booked is None:
        return None
    product.stock_quantity = balance
    product.stock_version += 1
    session.flush()
    return OnHand(sku, product.stock_quantity, product.stock_version)


def receive(session: Session, sku: str, units: int, booking: Booking) -> OnHand | None:
    """
    Book units that were delivered; None where they were booked before under this reference.

    Raises:
        UnknownSku: there is no such product.
    """
    return add(session, sku, units, booking, kind="receipt")


def restock(
    session: Session,
    order_id: UUID,
    returned: Mapping[str, int],
    booking: Booking,
    *,
    written_off: str | None = None,
) -> Claim | None:
    """
    Take units of a paid order back, per line; they count no more against a purchase limit.

    They are on hand again, unless a reason is given for which they are ``written_off`` at once.
    After its commit the caller settles the returned claim, which shows all of it in Redis. Returns
    None where they were booked before under this reference.

    Raises:
        NotReturnable: naming a line of which fewer units are bought and still out.
        ReferenceReused: some of the lines were booked under this reference, and others not.
        UnknownSku: there is no such product.
    """
    booking = replace(booking, order_id=order_id)
    lines = sorted(returned.items())
    booked = [add(session, sku, units, booking, kind="restock") for sku, units in lines]
    if None in booked:
        if any(booked):
            raise ReferenceReused
        return None
    buyer = ""
    for sku, units in lines:
        buyer = _take_back(session, order_id, sku, units)
        if written_off is not None:
            _take_off_again(session, sku, units, replace(booking, reason=written_off))
    return Claim(order_id, buyer, dict(returned))


def _take_off_again(session: Session, sku: str, units: int, booking: Booking) -> None:
    """Write units off that this transaction added: nobody was promised any of them."""
    product = session.scalars(select(Product).where(Product.sku == sku)).one()
    product.stock_quantity -= units
    product.stock_version += 1
    booking = replace(booking, reference=f"{booking.reference}:write_off")
    movement = _movement(product.id, "write_off", sku, -units, product.stock_quantity, booking)
    session.execute(insert(StockMovement), movement)
    session.flush()


def _take_back(session: Session, order_id: UUID, sku: str, units: int) -> str:
    product_id = select(Product.id).where(Product.sku == sku).scalar_subquery()
    buyer: str | None = session.scalar(
        update(Reservation)
        .where(
            Reservation.order_id == order_id,
            Reservation.product_id == product_id,
            Reservation.state == "committed",
            Reservation.returned + units <= Reservation.units,
        )
        .values(returned=Reservation.returned + units)
        .returning(Reservation.buyer)
    )
    if buyer is None:
        raise NotReturnable(
            f"Fewer than {units} units of {sku} are out.", lines=[{"sku": sku, "units": units}]
        )
    return buyer


def numbers(session: Session, skus: Sequence[str], *, buyer: str = "") -> list[OnHand]:
    """Read what Postgres has on hand, and what a buyer has bought where that is limited."""
    bought = (
        select(func.coalesce(func.sum(Reservation.units - Reservation.returned), 0))
        .where(
            Reservation.product_id == Product.id,
            Reservation.buyer == buyer,
            Reservation.state == "committed",
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Product.sku,
            Product.stock_quantity,
            Product.stock_version,
            case((Product.purchase_limit > 0, bought), else_=0),
        )
        .where(Product.sku.in_(skus))
        .order_by(Product.sku)
    )
    return [OnHand(*row) for row in rows]


def settle(redis: AnyRedis, claim: Claim, found: Sequence[OnHand]) -> None:
    """Drop a claim's committed units in Redis, now that Postgres has what is on hand."""
    scripts.settle(redis, claim, found)


def show(redis: AnyRedis, found: Sequence[OnHand]) -> None:
    """Show in Redis what Postgres has on hand since a commit; an older number is left out."""
    scripts.sync(redis, found)


def disagreements(
    session: Session, skus: Sequence[str] | None = None
) -> list[tuple[str, int, int]]:
    """List the products whose on hand is not the sum of their movements: SKU, on hand, sum."""
    booked = (
        select(func.coalesce(func.sum(StockMovement.units), 0))
        .where(StockMovement.product_id == Product.id)
        .scalar_subquery()
    )
    query = select(Product.sku, Product.stock_quantity, booked)
    if skus is not None:
        query = query.where(Product.sku.in_(skus))
    rows = session.execute(query.where(Product.stock_quantity != booked).order_by(Product.sku))
    return [(sku, on_hand, summed) for sku, on_hand, summed in rows]
