"""The cart as its customer sees it: priced as of now, and saying what is short."""

from typing import Any
from uuid import UUID

from app.carts import carts
from app.config import Settings
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import stock
from app.orders import prices


def show(settings: Settings, customer_id: UUID) -> dict[str, Any]:
    """Show a customer's cart."""
    with transaction() as session:
        items = [(p, n) for p, n in carts.items(session, customer_id) if p.is_active]
    levels = stock.levels(redis(), [product.sku for product, _ in items])
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
            "available": levels[line.product.sku].available,
            "is_short": levels[line.product.sku].available < line.quantity,
        }
        for line in price.lines
    ]
    return {
        "lines": lines,
        "subtotal": price.subtotal,
        "tax": price.tax,
        "shipping_fee": price.shipping_fee,
        "total": price.total,
    }
