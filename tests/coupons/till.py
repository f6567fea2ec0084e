"""Coupons in tests: made by an admin, used at a checkout."""

from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.coupons.models import Coupon, CouponCustomer, CouponUse
from tests.builders import PAN, Customer, Shop
from tests.checkout.steps import basket

PATH = "/api/v1/admin/coupons"


def rupees(amount: int) -> dict[str, Any]:
    return {"amount": amount * 100, "currency": "INR"}


def coupon(shop: Shop, code: str = "DIWALI", **terms: Any) -> str:
    """Make a coupon, one of 10 % unless it is told otherwise; returns its code."""
    share = {} if "amount" in terms else {"basis_points": 1_000}
    made = shop.customer(role="admin").post(PATH, {"code": code} | share | terms)
    assert made.status_code == 201, made.json
    return code


def buy(buyer: Customer, code: str | None, key: str | None = None, **lines: int) -> TestResponse:
    body = basket(**lines) | {"coupon_code": code, "pan": PAN}
    return buyer.post("/api/v1/checkout", body, Idempotency_Key=key or uuid4().hex)


def uses(session: Session, code: str = "DIWALI") -> tuple[int, int, int]:
    """How often a coupon is used: by its own count, by its customers', by orders that have it."""
    by_itself = session.scalars(select(Coupon.uses).where(Coupon.code == code)).one()
    by_customers = session.scalars(
        select(CouponCustomer.uses).join(Coupon, Coupon.id == CouponCustomer.coupon_id)
        .where(Coupon.code == code)
    )  # fmt: skip
    by_orders = session.scalars(
        select(CouponUse.order_id).join(Coupon, Coupon.id == CouponUse.coupon_id)
        .where(Coupon.code == code, CouponUse.given_back_at.is_(None))
    )  # fmt: skip
    return by_itself, sum(by_customers), len(by_orders.all())
