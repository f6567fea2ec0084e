"""Coupons as staff make and change them; what was used once is never removed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg.errors import UniqueViolation
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.pages import Page, newest_first
from app.core.problems import invalid
from app.coupons.errors import CouponChanged, CouponNotFound, CouponTaken
from app.coupons.models import Coupon

# What a list can be of: in force or to come, past its end, switched off.
STATES: Mapping[str, ColumnElement[bool]] = {
    "active": Coupon.is_active & (Coupon.ends_at.is_(None) | (Coupon.ends_at > func.now())),
    "expired": Coupon.ends_at <= func.now(),
    "off": Coupon.is_active.is_(False),
}


def add(session: Session, values: Mapping[str, Any]) -> Coupon:
    """
    Make a coupon.

    Raises:
        CouponTaken: there is one with this code.
        ValidationFailed: it ends before it starts.
    """
    now = session.scalars(select(func.now())).one()
    coupon = Coupon(**{"starts_at": now, **values})
    _require_order(coupon)
    session.add(coupon)
    try:
        session.flush()
    except IntegrityError as error:
        if isinstance(error.orig, UniqueViolation):
            raise CouponTaken(f"There is a coupon {coupon.code}.") from None
        raise
    session.refresh(coupon)
    return coupon


def change(session: Session, code: str, *, revision: int, values: Mapping[str, Any]) -> Coupon:
    """
    Change the terms of a coupon that was read at ``revision``; orders keep their prices.

    Raises:
        CouponNotFound: there is none.
        CouponChanged: somebody changed it since.
        ValidationFailed: it was used more often than the new limit says, or ends before it starts.
    """
    coupon = session.scalars(
        select(Coupon).where(Coupon.code == code).with_for_update()
    ).one_or_none()
    if coupon is None:
        raise CouponNotFound
    if coupon.revision != revision:
        raise CouponChanged(f"It is at revision {coupon.revision}.", revision=coupon.revision)
    for name, value in values.items():
        setattr(coupon, name, value)
    _require_share_or_amount(coupon)
    _require_order(coupon)
    if coupon.usage_limit is not None and coupon.usage_limit < coupon.uses:
        raise invalid("#/usage_limit", f"is below the {coupon.uses} uses that there are")
    coupon.revision += 1
    return coupon


def find(session: Session, code: str) -> Coupon:
    """
    Find a coupon.

    Raises:
        CouponNotFound: there is none.
    """
    coupon = session.scalars(select(Coupon).where(Coupon.code == code)).one_or_none()
    if coupon is None:
        raise CouponNotFound
    return coupon


def page(
    session: Session,
    *,
    is_active: bool | None = None,
    state: str | None = None,
    q: str | None = None,
    limit: int,
    cursor: str | None,
) -> Page[Coupon]:
    """List coupons, the newest first: of one of STATES, or whose code has ``q`` in it."""
    query = select(Coupon)
    if is_active is not None:
        query = query.where(Coupon.is_active == is_active)
    if state is not None:
        query = query.where(STATES[state])
    if q is not None:
        query = query.where(Coupon.code.contains(q.upper(), autoescape=True))
    return newest_first(session, query, Coupon.created_at, Coupon.id, limit=limit, cursor=cursor)


def state_of(coupon: Coupon, now: datetime) -> str:
    """Tell in a word whether it can be used: active, to come, used up, expired or off."""
    if not coupon.is_active:
        return "off"
    if coupon.ends_at is not None and coupon.ends_at <= now:
        return "expired"
    if coupon.usage_limit is not None and coupon.uses >= coupon.usage_limit:
        return "used up"
    return "to come" if coupon.starts_at > now else "active"


def _require_share_or_amount(coupon: Coupon) -> None:
    if (coupon.basis_points is None) == (coupon.amount is None):
        raise invalid("#/basis_points", "either a share or an amount is taken off, not both")


def _require_order(coupon: Coupon) -> None:
    if coupon.ends_at is not None and coupon.ends_at <= coupon.starts_at:
        raise invalid("#/ends_at", "is not after starts_at")
