"""Tables of money."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, func, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.ids import new_id


class Payment(Base):
    """Money asked for one order: one Razorpay order, on which the payer may try several times."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "status IN ('created', 'authorized', 'captured', 'failed', 'refunded')",
            name="status_known",
        ),
        Index("ix_payments_next_poll_at", "next_poll_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    # One live Razorpay order per order: two could both be paid, and Razorpay would not mind.
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), unique=True)
    razorpay_order_id: Mapped[str | None] = mapped_column(Text, unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="created")
    # How often Razorpay was asked about it, and when it is asked next; never, once that is over.
    polls: Mapped[int] = mapped_column(default=0, server_default="0")
    next_poll_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    # Set when the payer's browser brought Razorpay's signature; capture is what confirms.
    verified_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class PaymentAttempt(Base):
    """One try to pay: what Razorpay calls a payment, by its own id."""

    __tablename__ = "payment_attempts"
    __table_args__ = (
        CheckConstraint("status IN ('authorized', 'captured', 'failed')", name="status_known"),
        CheckConstraint(
            "outcome IS NULL OR (status = 'captured' AND outcome IN ('kept', 'refunded'))",
            name="outcome_of_captured",
        ),
        # An order is paid once: every other capture goes back.
        Index(
            "uq_payment_attempts_kept",
            "payment_id",
            unique=True,
            postgresql_where=text("outcome = 'kept'"),
        ),
    )

    razorpay_payment_id: Mapped[str] = mapped_column(Text, primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    status: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    method: Mapped[str | None] = mapped_column(Text)
    # What became of a capture: it pays for the order, or it is sent back.
    outcome: Mapped[str | None] = mapped_column(Text)
    error_reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class Refund(Base):
    """Money that goes back: written first, then asked of Razorpay, then ended by its answer."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("status IN ('pending', 'processed', 'failed')", name="status_known"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    razorpay_payment_id: Mapped[str] = mapped_column(
        ForeignKey("payment_attempts.razorpay_payment_id"), index=True
    )
    razorpay_refund_id: Mapped[str | None] = mapped_column(Text, unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(Text, default="pending")
    reason: Mapped[str] = mapped_column(Text)
    # The one name of this effect: asked for twice, it is one refund.
    reference: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
