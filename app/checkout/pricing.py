"""What a purchase costs now: by the price list, the shipping rule and its coupon."""

from collections.abc import Mapping
from functools import partial
from uuid import UUID

from app.catalog import pricelist
from app.catalog.pricelist import Listed
from app.checkout.errors import ProductUnavailable
from app.config import Settings
from app.core.db import transaction
from app.coupons import coupons
from app.coupons.models import Coupon
from app.orders import prices
from app.orders.prices import Price


def find_coupon(code: str | None, customer_id: UUID) -> Coupon | None:
    """
    Find the coupon that a customer named, if they did.

    Raises:
        CouponRefused, CouponUsedUp: it cannot be used now.
    """
    if code is None:
        return None
    with transaction() as session:
        return coupons.usable(session, code, customer_id)


def price_units(
    settings: Settings, quantities: Mapping[str, int], coupon: Coupon | None, *, is_fresh: bool
) -> Price[Listed]:
    """
    Price units by SKU; ``is_fresh`` reads the price list anew.

    Raises:
        ProductUnavailable: naming what is no longer on sale.
        CouponRefused: the coupon needs more to be bought.
    """
    listed = pricelist.look_up(quantities, is_fresh=is_fresh)
    gone = sorted(set(quantities) - set(listed))
    if gone:
        raise ProductUnavailable(f"{', '.join(gone)} cannot be bought now.", skus=gone)
    return prices.price(
        list(listed.values()),
        quantities,
        shipping_fee=settings.shipping_fee,
        shipping_free_from=settings.shipping_free_from,
        discount_of=partial(coupons.discount, coupon) if coupon else prices.nothing_off,
    )
