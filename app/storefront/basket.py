"""The cart as its customer sees it: priced as of now, and saying what is short."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from app.carts import carts
from app.catalog.models import Product
from app.config import Settings
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import stock
from app.orders import prices


def show(settings: Settings, customer_id: UUID) -> dict[str, Any]:
    """Show a customer's cart."""
    with transaction() as session:
        items = carts.items(session, customer_id)
        saved = carts.items(session, customer_id, is_saved=True)
    available = _available([product for product, _ in (*items, *saved)])
    price = prices.price(
        [product for product, _ in items],
        {product.sku: quantity for product, quantity in items},
        shipping_fee=settings.shipping_fee if items else 0,
        shipping_free_from=settings.shipping_free_from,
    )
    lines = [
        {
            "sku": line.product.sku,
            "slug": line.product.slug,
            "name": line.product.name,
            "quantity": line.quantity,
            "unit_price": line.product.price,
            "tax": line.tax,
            "total": line.total,
            "available": available[line.product.sku],
            "is_short": available[line.product.sku] < line.quantity,
        }
        for line in price.lines
    ]
    return {
        "lines": lines,
        "saved": [
            {
                "sku": product.sku,
                "slug": product.slug,
                "name": product.name,
                "quantity": quantity,
                "unit_price": product.price,
                "available": available[product.sku],
            }
            for product, quantity in saved
        ],
        "subtotal": price.subtotal,
        "tax": price.tax,
        "shipping_fee": price.shipping_fee,
        "total": price.total,
    }


def _available(products: Sequence[Product]) -> Mapping[str, int]:
    levels = stock.levels(redis(), [product.sku for product in products])
    # What was taken off sale stays in sight: checkout refuses it by name.
    return {p.sku: levels[p.sku].available if p.is_active else 0 for p in products}
