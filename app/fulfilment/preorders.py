"""
Pre-orders: units are sold that are not there yet, so many and no more, by a promised date.

While a product is on pre-order its on hand counts promises that may still be given, and everything
that keeps a unit from being sold twice keeps a promise from it. When the pieces come, on hand
becomes what is left of them after every promise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import ScalarSelect, SQLColumnExpression, func, literal, select
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.db import transaction
from app.core.ids import new_id
from app.core.india import INDIA
from app.core.pages import Page, newest_first
from app.core.problems import invalid
from app.core.redis_client import redis
from app.fulfilment.errors import PiecesMissing, PreorderNotOpen, PreorderOpen, StockOnHand
from app.fulfilment.models import PreorderArrival
from app.inventory import adjustments, ledger, stock
from app.inventory.adjustments import Change
from app.inventory.terms import Booking
from app.orders.models import Order, OrderLine

# Paid for, and still in the house.
PROMISED = ("confirmed", "processing")
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Preorder:
    """A product on pre-order: what may still be promised, and what is and was not sent."""

    sku: str
    name: str
    ships_on: date
    left: int
    promised: int


def list_preorders(session: Session) -> Sequence[Preorder]:
    """List the products on pre-order, the first to come first."""
    query = select(Product).where(Product.preorder_ships_on.is_not(None))
    found = session.scalars(query.order_by(Product.preorder_ships_on, Product.sku)).all()
    return [_told(session, product) for product in found]


def find_preorder(session: Session, sku: str) -> Preorder:
    """
    Find the pre-order of a product.

    Raises:
        UnknownSku, PreorderNotOpen: as their words say.
    """
    product = session.scalars(select(Product).where(Product.sku == sku)).one_or_none()
    if product is None:
        raise stock.unknown([sku])
    if product.preorder_ships_on is None:
        raise PreorderNotOpen
    return _told(session, product)


def orders_of(session: Session, sku: str, *, limit: int, cursor: str | None) -> Page[Order]:
    """List the orders that were paid for a promise of a product, and wait, the newest first."""
    product_id = select(Product.id).where(Product.sku == sku).scalar_subquery()
    promised = select(OrderLine.order_id).where(
        OrderLine.product_id == product_id, OrderLine.ships_on.is_not(None)
    )
    query = select(Order).where(
        Order.id.in_(promised),
        Order.status.in_(PROMISED),
        Order.created_at > _last_arrival(product_id),
    )
    return newest_first(session, query, Order.created_at, Order.id, limit=limit, cursor=cursor)


def arrivals(session: Session, *, limit: int, cursor: str | None) -> Page[PreorderArrival]:
    """List what came of pre-orders, the newest first."""
    at, key = PreorderArrival.created_at, PreorderArrival.id
    return newest_first(session, select(PreorderArrival), at, key, limit=limit, cursor=cursor)


def open_preorder(sku: str, *, limit: int, ships_on: date, actor: str) -> Preorder:
    """
    Sell up to ``limit`` units of a product of which none is on hand, to be sent by a day.

    Raises:
        UnknownSku: there is no such product.
        PreorderOpen: it is on pre-order.
        StockOnHand: units are on hand, which are sold first.
        ValidationFailed: the day is over.
    """
    _require_ahead(ships_on)
    with transaction() as session:
        product = _lock(session, sku)
        if product.preorder_ships_on is not None:
            raise PreorderOpen
        if product.stock_quantity:
            raise StockOnHand(f"{product.stock_quantity} units are on hand.")
        product.preorder_ships_on = ships_on
        booking = Booking(f"preorder:{new_id()}", actor, f"pre-order until {ships_on}")
        number = ledger.add(session, sku, limit, booking, kind="adjustment")
        assert number is not None, "its reference is new"  # noqa: S101
        told = _told(session, product)
    ledger.show(redis(), [number])
    return told


def postpone_preorder(sku: str, *, ships_on: date) -> Preorder:
    """
    Promise another day from now on; orders keep the one they were placed by.

    Raises:
        UnknownSku, PreorderNotOpen, ValidationFailed: as their words say.
    """
    _require_ahead(ships_on)
    with transaction() as session:
        product = _lock_open(session, sku)
        product.preorder_ships_on = ships_on
        session.flush()
        return _told(session, product)


def end_preorder(sku: str, *, received: int, reference: str, actor: str) -> None:
    """
    Take ``received`` pieces in: those that are promised can be sent, the others are on sale.

    Repeated under the same ``reference`` after it broke off, it is finished.

    Raises:
        UnknownSku, PreorderNotOpen: as their words say.
        PiecesMissing: fewer came than were promised, so cancel first.
        InsufficientStock: somebody is paying for promises that there are no pieces for.
    """
    with transaction() as session:
        product = _lock_open(session, sku)
        promised = _promised(session, product)
        if received < promised:
            raise PiecesMissing(promised=promised, received=received)
        # Sales and cancellations in between move a unit from one to the other, so this stays true.
        delta = received - promised - product.stock_quantity
    if delta:
        change = Change(sku, "adjustment", delta, "pre-order arrived")
        adjustments.adjust(redis(), [change], reference=f"preorder:{reference}", actor=actor)
    with transaction() as session:
        product = _lock(session, sku)
        # Told twice at once, the other one may have ended it.
        if product.preorder_ships_on is not None:
            session.add(
                PreorderArrival(
                    product_id=product.id, ships_on=product.preorder_ships_on,
                    promised=promised, received=received, actor=actor,
                )
            )  # fmt: skip
            product.preorder_ships_on = None


def not_arrived(session: Session, order: Order) -> Sequence[str]:
    """Name the products (SKU) of an order that are on pre-order still."""
    waiting = [line.product_id for line in order.lines if line.ships_on and line.remaining]
    if not waiting:
        return []
    query = select(Product.sku).where(
        Product.id.in_(waiting),
        Product.preorder_ships_on.is_not(None),
        _last_arrival(Product.id) < order.created_at,
    )
    return session.scalars(query.order_by(Product.sku)).all()


def _require_ahead(ships_on: date) -> None:
    if ships_on <= datetime.now(UTC).astimezone(INDIA).date():
        raise invalid("#/ships_on", "is not a day to come")


def _lock_open(session: Session, sku: str) -> Product:
    product = _lock(session, sku)
    if product.preorder_ships_on is None:
        raise PreorderNotOpen
    return product


def _lock(session: Session, sku: str) -> Product:
    query = select(Product).where(Product.sku == sku).with_for_update(key_share=True)
    product = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if product is None:
        raise stock.unknown([sku])
    return product


def _last_arrival(product_id: SQLColumnExpression[UUID]) -> ScalarSelect[datetime]:
    """Tell when the product's pre-order before this one ended: later orders are this one's."""
    came = select(func.coalesce(func.max(PreorderArrival.created_at), NEVER))
    return came.where(PreorderArrival.product_id == product_id).scalar_subquery()


def _promised(session: Session, product: Product) -> int:
    remaining = OrderLine.quantity - OrderLine.cancelled_quantity - OrderLine.returned_quantity
    query = (
        select(func.coalesce(func.sum(remaining), 0))
        .join(Order, Order.id == OrderLine.order_id)
        .where(OrderLine.product_id == product.id, Order.status.in_(PROMISED))
        .where(OrderLine.ships_on.is_not(None))
        .where(Order.created_at > _last_arrival(literal(product.id)))
    )
    return session.scalars(query).one()


def _told(session: Session, product: Product) -> Preorder:
    assert product.preorder_ships_on is not None, "it is on pre-order"  # noqa: S101
    return Preorder(
        product.sku, product.name, product.preorder_ships_on, product.stock_quantity,
        _promised(session, product),
    )  # fmt: skip
