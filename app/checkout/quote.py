"""What a checkout would cost now, with its coupon; nothing is reserved, claimed or written."""

from typing import Any
from uuid import UUID

from app.carts import carts
from app.carts.errors import CartEmpty
from app.catalog.pricelist import Listed
from app.checkout.pricing import find_coupon, price_units
from app.config import Settings
from app.core.db import transaction
from app.orders.prices import Price


def quote(settings: Settings, customer_id: UUID, body: dict[str, Any]) -> Price[Listed]:
    """
    Price what a checkout names, or the cart.

    Raises:
        CartEmpty: it names nothing and there is nothing in the cart.
        ProductUnavailable, CouponRefused, CouponUsedUp: as a checkout would.
    """
    quantities = body["lines"] or units_in_cart(customer_id)
    coupon = find_coupon(body["coupon_code"], customer_id)
    return price_units(settings, quantities, coupon, is_fresh=True)


def units_in_cart(customer_id: UUID) -> dict[str, int]:
    """
    Tell what is in a customer's cart, by SKU.

    Raises:
        CartEmpty: nothing.
    """
    with transaction() as session:
        quantities = {p.sku: quantity for p, quantity in carts.items(session, customer_id)}
    if not quantities:
        raise CartEmpty
    return quantities
