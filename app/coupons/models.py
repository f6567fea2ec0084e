"""Tables of coupons."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.ids import new_id


class Coupon(Base):
    """
    What a code takes off the subtotal: a share of it, or an amount.

    ``revision`` grows with each change that staff make, so that neither a stale form nor a
    purchase priced by older terms can pass for a new one.
    """

    __tablename__ = "coupons"
    __table_args__ = (
        CheckConstraint("code ~ '^[A-Z0-9-]{3,40}$'", name="code_well_formed"),
        CheckConstraint("(basis_points IS NULL) <> (amount IS NULL)", name="share_or_amount"),
        CheckConstraint("basis_points BETWEEN 1 AND 10000", name="share_plausible"),
        CheckConstraint("amount > 0 AND maximum_discount > 0", name="amounts_positive"),
        CheckConstraint("minimum_subtotal >= 0", name="minimum_not_negative"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("usage_limit > 0 AND usage_limit_per_customer > 0", name="limits_positive"),
        # The last guard against a use too many, whatever the code does.
        CheckConstraint(
            "uses >= 0 AND (usage_limit IS NULL OR uses <= usage_limit)", name="uses_within_limit"
        ),
        Index("ix_coupons_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    code: Mapped[str] = mapped_column(Text, unique=True)
    description: Mapped[str | None] = mapped_column(Text)
    # One of the two: hundredths of a percent, or paise.
    basis_points: Mapped[int | None]
    amount: Mapped[int | None] = mapped_column(BigInteger)
    minimum_subtotal: Mapped[int] = mapped_column(BigInteger, default=0)
    maximum_discount: Mapped[int | None] = mapped_column(BigInteger)
    starts_at: Mapped[datetime] = mapped_column(TIMESTAMP(True))
    ends_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    usage_limit: Mapped[int | None]
    usage_limit_per_customer: Mapped[int | None]
    is_active: Mapped[bool] = mapped_column(default=True)
    uses: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class CouponCustomer(Base):
    """How often one customer uses a coupon, pending orders included."""

    __tablename__ = "coupon_customers"
    __table_args__ = (CheckConstraint("uses >= 0", name="uses_not_negative"),)

    coupon_id: Mapped[UUID] = mapped_column(ForeignKey("coupons.id"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    uses: Mapped[int] = mapped_column(default=0)


class CouponUse(Base):
    """The use of a coupon by an order; given back where that one expired or was cancelled."""

    __tablename__ = "coupon_uses"
    __table_args__ = (Index("ix_coupon_uses_coupon_id", "coupon_id"),)

    # Written before the order, in its transaction.
    order_id: Mapped[UUID] = mapped_column(
        ForeignKey("orders.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    coupon_id: Mapped[UUID] = mapped_column(ForeignKey("coupons.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    given_back_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
