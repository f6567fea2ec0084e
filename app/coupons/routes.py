"""Coupons, for staff; admins make and change them."""

from typing import Any

from app.core.api import Blueprint
from app.core.auth import admin as admins
from app.core.auth import staff
from app.core.db import transaction
from app.core.pages import Page
from app.core.problems import Forbidden, Unauthenticated, ValidationFailed
from app.coupons import desk
from app.coupons.errors import CouponChanged, CouponNotFound, CouponTaken
from app.coupons.models import Coupon
from app.coupons.schemas import (
    CouponChangeSchema,
    CouponPageSchema,
    CouponQuery,
    CouponSchema,
    NewCouponSchema,
)

admin = Blueprint(
    "admin_coupons", __name__, url_prefix="/api/v1/admin/coupons", description="Coupons, for staff"
)


@admin.get("")
@staff
@admin.arguments(CouponQuery, location="query")
@admin.response(200, CouponPageSchema)
@admin.raises(Unauthenticated, Forbidden, ValidationFailed)
def list_coupons(query: dict[str, Any]) -> Page[Coupon]:
    """List coupons with how often they were used, the newest first."""
    with transaction() as session:
        return desk.page(session, **query)


@admin.post("")
@admins
@admin.arguments(NewCouponSchema)
@admin.response(201, CouponSchema)
@admin.raises(Unauthenticated, Forbidden, CouponTaken, ValidationFailed)
def make_coupon(body: dict[str, Any]) -> Coupon:
    """Make a coupon."""
    with transaction() as session:
        return desk.add(session, body)


@admin.get("/<sku:code>")
@staff
@admin.response(200, CouponSchema)
@admin.raises(Unauthenticated, Forbidden, CouponNotFound)
def show_coupon(code: str) -> Coupon:
    """Show a coupon."""
    with transaction() as session:
        return desk.find(session, code)


@admin.patch("/<sku:code>")
@admins
@admin.arguments(CouponChangeSchema)
@admin.response(200, CouponSchema)
@admin.raises(Unauthenticated, Forbidden, CouponNotFound, CouponChanged, ValidationFailed)
def change_coupon(body: dict[str, Any], code: str) -> Coupon:
    """Change a coupon's terms, or close it; orders keep the price they were placed at."""
    revision = body.pop("revision")
    with transaction() as session:
        return desk.change(session, code, revision=revision, values=body)
