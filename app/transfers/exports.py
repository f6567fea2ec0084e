"""Exports: whole tables as CSV, line by line, a thousand rows in memory at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_

from app.audit import trail
from app.catalog.models import Category, Product
from app.core.csv_rows import csv_lines
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import stock
from app.orders.models import Order
from app.transfers.tables import PRODUCT_COLUMNS

AT_ONCE = 1_000
# As many as stock.statuses takes.
STOCK_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class OrderFilters:
    """Which orders; ``until`` itself is left out."""

    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def told(self) -> dict[str, str]:
        """Tell what is asked for."""
        names = ("status", "since", "until")
        return {name: str(value) for name in names if (value := getattr(self, name)) is not None}


def export(kind: str, filters: OrderFilters | None = None) -> Iterator[str]:
    """
    Write a table: ``products``, ``stock`` or ``orders``; that it was exported is recorded.

    Each thousand rows are of one moment, the whole is not.
    """
    with transaction() as session:
        trail.record_export(session, kind, (filters or OrderFilters()).told())
    if kind == "orders":
        return csv_lines(list(_ORDER), _orders(filters or OrderFilters()))
    header, rows = _TABLES[kind]
    return csv_lines(header, rows())


def _products() -> Iterator[Sequence[Any]]:
    query = select(Product, Category.slug).join(Product.category)
    query = query.order_by(Product.sku).limit(AT_ONCE)
    after = ""
    while True:
        with transaction() as session:
            found = session.execute(query.where(Product.sku > after)).all()
        for product, category in found:
            yield [_cell(product, category, column.field) for column in PRODUCT_COLUMNS]
        if len(found) < AT_ONCE:
            return
        after = found[-1][0].sku


def _cell(product: Product, category: str, name: str) -> Any:
    value = category if name == "category" else getattr(product, name)
    return str(value).lower() if isinstance(value, bool) else value


_STOCK = ("sku", "name", "on_hand", "reserved", "committed", "available", "low_stock_threshold")


def _stock() -> Iterator[Sequence[Any]]:
    after: str | None = None
    while True:
        with transaction() as session:
            skus = stock.page(session, is_low=False, limit=STOCK_AT_ONCE, after=after)
        for one in stock.statuses(redis(), skus):
            levels = one.levels
            yield (
                one.sku, one.name, levels.on_hand, levels.reserved, levels.committed,
                levels.available, one.low_stock_threshold,
            )  # fmt: skip
        if len(skus) < STOCK_AT_ONCE:
            return
        after = skus[-1]


_ORDER: Mapping[str, Callable[[Order], Any]] = {
    "id": lambda order: order.id,
    "number": lambda order: order.number,
    "created_at": lambda order: order.created_at.isoformat(),
    "status": lambda order: order.status,
    "payment_status": lambda order: order.payment_status,
    "customer_id": lambda order: order.user_id,
    "lines": lambda order: "; ".join(f"{line.quantity} {line.sku}" for line in order.lines),
    "subtotal_paise": lambda order: order.subtotal,
    "discount_paise": lambda order: order.discount,
    "tax_paise": lambda order: order.tax,
    "shipping_fee_paise": lambda order: order.shipping_fee,
    "total_paise": lambda order: order.total,
    "coupon_code": lambda order: order.coupon_code,
    "ship_to_name": lambda order: order.shipping_address["name"],
    "ship_to_city": lambda order: order.shipping_address["city"],
    "ship_to_state": lambda order: order.shipping_address["state"],
    "ship_to_pincode": lambda order: order.shipping_address["pincode"],
    "courier": lambda order: order.courier,
    "tracking_number": lambda order: order.tracking_number,
}


def _orders(filters: OrderFilters) -> Iterator[Sequence[Any]]:
    place = tuple_(Order.created_at, Order.id)
    query = select(Order).order_by(Order.created_at, Order.id).limit(AT_ONCE)
    if filters.status is not None:
        query = query.where(Order.status == filters.status)
    if filters.since is not None:
        query = query.where(Order.created_at >= filters.since)
    if filters.until is not None:
        query = query.where(Order.created_at < filters.until)
    next_query = query
    while True:
        with transaction() as session:
            found = session.scalars(next_query).all()
        for order in found:
            yield [tell(order) for tell in _ORDER.values()]
        if len(found) < AT_ONCE:
            return
        next_query = query.where(place > (found[-1].created_at, found[-1].id))


_TABLES: Mapping[str, tuple[Sequence[str], Callable[[], Iterable[Sequence[Any]]]]] = {
    "products": ([column.name for column in PRODUCT_COLUMNS], _products),
    "stock": (_STOCK, _stock),
}
KINDS = (*_TABLES, "orders")
