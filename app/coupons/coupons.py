"""
Coupons as purchases use them: looked at, claimed with an order, given back, taken again.

Every use is counted under the locks of the customer's row and the coupon's, in this order and
before any product's, so that nobody waits for each other; and in the transaction that writes,
closes or revives the order, so that a crash leaves neither a use without an order nor the reverse.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.money import rupees, share
from app.coupons.errors import CouponRefused, CouponUsedUp, TermsChangedError
from app.coupons.models import Coupon, CouponCustomer, CouponUse

# No gateway takes less than a rupee, so that much of the goods is always left to pay.
LEAST_PAYMENT = 100


def usable(session: Session, code: str, user_id: UUID) -> Coupon:
    """
    Find a coupon that a customer could use now.

    Raises:
        CouponRefused: there is none, it has not begun, or it is over; ``reason`` says which.
        CouponUsedUp: by everybody, or by this customer.
    """
    found = session.execute(
        select(Coupon, func.coalesce(CouponCustomer.uses, 0), func.now())
        .outerjoin(
            CouponCustomer,
            (CouponCustomer.coupon_id == Coupon.id) & (CouponCustomer.user_id == user_id),
        )
        .where(Coupon.code == code)
    ).one_or_none()
    if found is None:
        raise _refused("unknown", f"There is no coupon {code}.")
    coupon, own_uses, now = found
    _require_open(coupon, now)
    _require_left(coupon, own_uses)
    return coupon


def discount(coupon: Coupon, subtotal: int) -> int:
    """
    Tell what a coupon takes off ``subtotal`` paise before tax, half a paisa upwards.

    Raises:
        CouponRefused: the subtotal is below the coupon's minimum.
    """
    if subtotal < coupon.minimum_subtotal:
        raise _refused(
            "below_minimum",
            f"{coupon.code} needs {rupees(coupon.minimum_subtotal)} before tax;"
            f" this is {rupees(subtotal)}.",
        )
    wanted = share(subtotal, coupon.basis_points) if coupon.basis_points else coupon.amount or 0
    most = wanted if coupon.maximum_discount is None else coupon.maximum_discount
    return max(0, min(wanted, most, subtotal - LEAST_PAYMENT))


def claim(session: Session, priced_by: Coupon, *, order_id: UUID, user_id: UUID) -> None:
    """
    Count the use of a coupon by an order that is about to be written.

    Raises:
        TermsChangedError: it is not as it was when the order was priced.
        CouponRefused, CouponUsedUp: as ``usable``; of all who claim the last use, one has it.
    """
    session.execute(
        insert(CouponCustomer)
        .values(coupon_id=priced_by.id, user_id=user_id, uses=0)
        .on_conflict_do_nothing()
    )
    customer, coupon = _lock(session, priced_by.id, user_id)
    if coupon.revision != priced_by.revision:
        raise TermsChangedError
    # Not now(), which is when the transaction began: it may have waited for the lock since.
    _require_open(coupon, session.scalars(select(func.clock_timestamp())).one())
    _require_left(coupon, customer.uses)
    _count(customer, coupon, 1)
    session.add(CouponUse(order_id=order_id, coupon_id=coupon.id, user_id=user_id))
    session.flush()


def give_back(session: Session, order_id: UUID) -> None:
    """Give back the use of a locked order that expired or was cancelled; it may have none."""
    use = session.get(CouponUse, order_id)
    if use is None or use.given_back_at is not None:
        return
    _count(*_lock(session, use.coupon_id, use.user_id), -1)
    use.given_back_at = session.scalars(select(func.now())).one()
    session.flush()


def take_again(session: Session, order_id: UUID) -> bool:
    """
    Take the use of a locked order again, which is paid for after all; False where none is left.

    The price was promised while the coupon was open, so only its limits count.
    """
    use = session.get(CouponUse, order_id)
    if use is None or use.given_back_at is None:
        return True
    customer, coupon = _lock(session, use.coupon_id, use.user_id)
    try:
        _require_left(coupon, customer.uses)
    except CouponUsedUp:
        return False
    _count(customer, coupon, 1)
    use.given_back_at = None
    session.flush()
    return True


def _lock(session: Session, coupon_id: UUID, user_id: UUID) -> tuple[CouponCustomer, Coupon]:
    rows: list[Any] = []
    for query in (
        select(CouponCustomer).where(
            CouponCustomer.coupon_id == coupon_id, CouponCustomer.user_id == user_id
        ),
        select(Coupon).where(Coupon.id == coupon_id),
    ):
        # Weaker than FOR UPDATE, which waits for everybody whose new row refers to the coupon.
        locking = query.with_for_update(key_share=True)
        locking = locking.execution_options(populate_existing=True)
        rows.append(session.scalars(locking).one())
    return rows[0], rows[1]


def _count(customer: CouponCustomer, coupon: Coupon, uses: int) -> None:
    customer.uses += uses
    coupon.uses += uses


def _require_open(coupon: Coupon, now: datetime) -> None:
    if not coupon.is_active or (coupon.ends_at is not None and coupon.ends_at <= now):
        raise _refused("over", f"{coupon.code} is over.")
    if coupon.starts_at > now:
        raise _refused("not_begun", f"{coupon.code} has not begun.")


def _require_left(coupon: Coupon, own_uses: int) -> None:
    if coupon.usage_limit is not None and coupon.uses >= coupon.usage_limit:
        raise CouponUsedUp(f"{coupon.code} was used {coupon.uses} times.", by="everybody")
    most = coupon.usage_limit_per_customer
    if most is not None and own_uses >= most:
        raise CouponUsedUp(f"You used {coupon.code} {own_uses} times.", by="you")


def _refused(reason: str, detail: str) -> CouponRefused:
    error = {"pointer": "#/coupon_code", "detail": detail}
    return CouponRefused(detail, reason=reason, errors=[error])
