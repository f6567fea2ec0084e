"""Exports: whole tables as CSV, line by line, a thousand rows in memory at a time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.audit import trail
from app.catalog.models import Category, Product
from app.core.csv_rows import csv_lines
from app.core.db import transaction
from app.core.redis_client import redis
from app.core.replica import reading
from app.fulfilment.filters import Filters, narrow
from app.inventory import stock
from app.orders.models import Order, OrderLine
from app.transfers.tables import PRODUCT_COLUMNS

AT_ONCE = 1_000
# As many as stock.statuses takes.
STOCK_AT_ONCE = 200


def export(kind: str, filters: Filters | None = None) -> Iterator[str]:
    """
    Write a table: ``products``, ``stock`` or ``orders``; that it was exported is recorded.

    Each thousand rows are of one moment, the whole is not.
    """
    asked = filters or Filters()
    with transaction() as session:
        trail.record_export(session, kind, asked.told())
    if kind == "orders":
        return csv_lines(list(_ORDER), _orders(asked))
    header, rows = _TABLES[kind]
    return csv_lines(header, rows())


def _products() -> Iterator[Sequence[Any]]:
    query = select(Product, Category.slug).join(Product.category)
    query = query.order_by(Product.sku).limit(AT_ONCE)
    after = ""
    while True:
        with reading() as session:
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
        with reading() as session:
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


_LINES = (
    select(
        func.string_agg(
            func.concat(OrderLine.quantity, " ", OrderLine.sku),
            aggregate_order_by(literal("; "), OrderLine.position),
        )
    )
    .where(OrderLine.order_id == Order.id)
    .scalar_subquery()
)
# Columns, for rows cost a fraction of what objects do.
_ORDER: Mapping[str, Any] = {
    "id": Order.id,
    "number": Order.number,
    "created_at": Order.created_at,
    "status": Order.status,
    "payment_status": Order.payment_status,
    "customer_id": Order.user_id,
    "lines": _LINES,
    "subtotal_paise": Order.subtotal,
    "discount_paise": Order.discount,
    "tax_paise": Order.tax,
    "shipping_fee_paise": Order.shipping_fee,
    "total_paise": Order.total,
    "coupon_code": Order.coupon_code,
    "ship_to_name": Order.shipping_address["name"].astext,
    "ship_to_city": Order.shipping_address["city"].astext,
    "ship_to_state": Order.shipping_address["state"].astext,
    "ship_to_pincode": Order.shipping_address["pincode"].astext,
    "courier": Order.courier,
    "tracking_number": Order.tracking_number,
}


def _orders(filters: Filters) -> Iterator[Sequence[Any]]:
    place = tuple_(Order.created_at, Order.id)
    columns = (column.label(name) for name, column in _ORDER.items())
    query = narrow(select(*columns), filters)
    query = query.order_by(Order.created_at, Order.id).limit(AT_ONCE)
    next_query = query
    while True:
        with reading() as session:
            found = session.execute(next_query).all()
        for row in found:
            yield [cell.isoformat() if isinstance(cell, datetime) else cell for cell in row]
        if len(found) < AT_ONCE:
            return
        next_query = query.where(place > (found[-1].created_at, found[-1].id))


_TABLES: Mapping[str, tuple[Sequence[str], Callable[[], Iterable[Sequence[Any]]]]] = {
    "products": ([column.name for column in PRODUCT_COLUMNS], _products),
    "stock": (_STOCK, _stock),
}
KINDS = (*_TABLES, "orders")
