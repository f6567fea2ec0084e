"""Which orders somebody looks for: one way to narrow them, for lists, pages and files alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Select, Text, bindparam, select
from sqlalchemy.orm import Session

from app.core.pages import Page, newest_first
from app.orders.models import Order, OrderLine
from app.payments.models import Payment

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which orders; what is None does not matter, and ``until`` itself is left out."""

    number: str | None = None
    customer_id: UUID | None = None
    status: str | None = None
    payment_status: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    # A product that is in it, however many units of it are left.
    sku: str | None = None
    # Which gateway was asked for its money, by this name.
    gateway: str | None = None

    def asked(self) -> dict[str, Any]:
        """Give what matters, by its name."""
        values = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in values if value is not None}

    def told(self) -> dict[str, str]:
        """Tell in words what matters."""
        return {name: str(value) for name, value in self.asked().items()}


def narrow(query: Select[Row], filters: Filters) -> Select[Row]:
    """Let a query of orders find those alone that fit."""
    return query.where(*(_FITS[name](value) for name, value in filters.asked().items()))


def search(session: Session, filters: Filters, *, limit: int, cursor: str | None) -> Page[Order]:
    """List all customers' orders that fit, the newest first."""
    query = narrow(select(Order), filters)
    return newest_first(session, query, Order.created_at, Order.id, limit=limit, cursor=cursor)


def _literally(value: str) -> BindParameter[Any]:
    """
    Write a value into the statement itself.

    How many orders fit decides which way is short, and which partial index holds them. A prepared
    statement forgets the value, and goes one way for a status that all have and one that few have.
    """
    return bindparam(None, value, type_=Text, literal_execute=True)


def _has_product(sku: str) -> ColumnElement[bool]:
    return Order.id.in_(select(OrderLine.order_id).where(OrderLine.sku == _literally(sku)))


def _is_by(gateway: str) -> ColumnElement[bool]:
    return Order.id.in_(select(Payment.order_id).where(Payment.gateway == _literally(gateway)))


_FITS: Mapping[str, Callable[[Any], ColumnElement[bool]]] = {
    "number": lambda number: Order.number == number,
    "customer_id": lambda customer_id: Order.user_id == customer_id,
    "status": lambda status: Order.status == _literally(status),
    "payment_status": lambda status: Order.payment_status == _literally(status),
    "since": lambda since: Order.created_at >= since,
    "until": lambda until: Order.created_at < until,
    "sku": _has_product,
    "gateway": _is_by,
}
