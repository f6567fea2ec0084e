"""Tables of money; amounts in whole paise."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.ids import new_id


class Payment(Base):
    """Money asked for one order at one gateway, where the payer may try several times."""

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "status IN ('created', 'authorized', 'captured', 'failed', 'partially_refunded',"
            " 'refunded')",
            name="status_known",
        ),
        # One live Razorpay order an order: two could both be paid, and Razorpay would not mind.
        Index("uq_payments_order_id_gateway", "order_id", "gateway", unique=True),
        # Which orders a gateway was asked for.
        Index("ix_payments_gateway_order_id", "gateway", "order_id"),
        Index("ix_payments_next_poll_at", "next_poll_at"),
        Index("ix_payments_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    gateway: Mapped[str] = mapped_column(Text)
    # Gateways begin their ids each in its own way, so that they are unique together.
    gateway_order_id: Mapped[str | None] = mapped_column(Text, unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default="created")
    # How often the gateway was asked about it, and when it is asked next; never, once it is over.
    polls: Mapped[int] = mapped_column(default=0, server_default="0")
    next_poll_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    # Set when the gateway vouched for what the payer's browser brought; capture is what confirms.
    verified_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class PaymentAttempt(Base):
    """One try to pay: what Razorpay calls a payment, by its own id."""

    __tablename__ = "payment_attempts"
    __table_args__ = (
        CheckConstraint(
            "status IN ('created', 'failed', 'authorized', 'lapsed', 'captured')",
            name="status_known",
        ),
        CheckConstraint(
            "outcome IS NULL OR (status = 'captured' AND outcome IN ('kept', 'refunded'))",
            name="outcome_of_captured",
        ),
        # However many ask for refunds at once: never more goes back than came.
        CheckConstraint("amount_refunded BETWEEN 0 AND amount", name="refunded_within_captured"),
        CheckConstraint("amount_refunded = 0 OR status = 'captured'", name="refunded_is_captured"),
        CheckConstraint("amount_lost >= 0", name="amount_lost_not_negative"),
        # An order is paid once, whichever gateway it was: every other capture goes back.
        Index(
            "uq_payment_attempts_kept",
            "order_id",
            unique=True,
            postgresql_where=text("outcome = 'kept'"),
        ),
        Index("ix_payment_attempts_begun_at", "begun_at"),
        # Captures that pay for nothing, the newest first.
        Index(
            "ix_payment_attempts_sent_back",
            "created_at",
            "gateway_payment_id",
            postgresql_where=text("outcome = 'refunded'"),
        ),
    )

    gateway_payment_id: Mapped[str] = mapped_column(Text, primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    status: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(Text)
    method: Mapped[str | None] = mapped_column(Text)
    # What became of a capture: it pays for the order, or it is sent back.
    outcome: Mapped[str | None] = mapped_column(Text)
    # What went back or is on its way, by whomever: the sum of its refunds that have not failed.
    amount_refunded: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    # What the payer's bank took back in disputes that were lost.
    amount_lost: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    error_reason: Mapped[str | None] = mapped_column(Text)
    # When it was begun, by the gateway's clock, which its own lists go by.
    begun_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class Refund(Base):
    """Money that goes back: written first, then asked of the gateway, then ended by its answer."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("status IN ('pending', 'processed', 'failed')", name="status_known"),
        CheckConstraint("speed IN ('normal', 'optimum')", name="speed_known"),
        # One that was made at the gateway has the gateway's id from the beginning.
        CheckConstraint("is_ours OR gateway_refund_id IS NOT NULL", name="foreign_has_gateway_id"),
        Index("ix_refunds_next_poll_at", "next_poll_at"),
        Index("ix_refunds_status_created_at_id", "status", "created_at", "id"),
        Index("ix_refunds_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    gateway_payment_id: Mapped[str] = mapped_column(
        ForeignKey("payment_attempts.gateway_payment_id"), index=True
    )
    gateway_refund_id: Mapped[str | None] = mapped_column(Text, unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(Text, default="pending")
    reason: Mapped[str] = mapped_column(Text)
    # The one name of this effect: asked for twice, it is one refund.
    reference: Mapped[str] = mapped_column(Text, unique=True)
    # Who wanted it; one that nobody here asked for was made on the gateway's dashboard.
    actor: Mapped[str] = mapped_column(Text)
    is_ours: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    speed: Mapped[str] = mapped_column(Text, default="normal", server_default="normal")
    # How fast it is in fact, in the gateway's word: an instant one may fall back.
    speed_processed: Mapped[str | None] = mapped_column(Text)
    # Set before the gateway is asked for the first time: from then on it may have heard of it.
    asked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    # Tries that did not end it, why the last one did not, and when the next one is.
    polls: Mapped[int] = mapped_column(default=0, server_default="0")
    last_error: Mapped[str | None] = mapped_column(Text)
    next_poll_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    # When it was begun, by the gateway's clock.
    begun_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))


class Dispute(Base):
    """A payer's bank wants a capture back; while it is open, nothing is refunded."""

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint(
            "status IN ('open', 'under_review', 'won', 'lost', 'closed')", name="status_known"
        ),
        CheckConstraint("amount > 0 AND amount_deducted >= 0", name="amounts_not_negative"),
        Index("ix_disputes_created_at", "created_at", "gateway_dispute_id"),
    )

    gateway_dispute_id: Mapped[str] = mapped_column(Text, primary_key=True)
    gateway_payment_id: Mapped[str] = mapped_column(
        ForeignKey("payment_attempts.gateway_payment_id"), index=True
    )
    status: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    amount_deducted: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(Text)
    phase: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    respond_by: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class Settlement(Base):
    """A transfer of a gateway's to the shop's bank account."""

    __tablename__ = "settlements"
    __table_args__ = (Index("ix_settlements_created_at", "created_at", "gateway_settlement_id"),)

    gateway_settlement_id: Mapped[str] = mapped_column(Text, primary_key=True)
    gateway: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    amount: Mapped[int] = mapped_column(BigInteger)
    fees: Mapped[int] = mapped_column(BigInteger)
    tax: Mapped[int] = mapped_column(BigInteger)
    utr: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class Downtime(Base):
    """A way to pay that a gateway says does not work well, until it ends."""

    __tablename__ = "downtimes"

    gateway_downtime_id: Mapped[str] = mapped_column(Text, primary_key=True)
    gateway: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    severity: Mapped[str | None] = mapped_column(Text)
    instrument: Mapped[dict[str, Any]] = mapped_column(JSONB)
    began_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))


class Reconciliation(Base):
    """One day of one gateway's, compared with ours: what was captured and what went back."""

    __tablename__ = "reconciliations"

    gateway: Mapped[str] = mapped_column(Text, primary_key=True)
    # A day in India.
    day: Mapped[date] = mapped_column(primary_key=True)
    captured: Mapped[int] = mapped_column(BigInteger)
    captured_at_gateway: Mapped[int] = mapped_column(BigInteger)
    refunded: Mapped[int] = mapped_column(BigInteger)
    refunded_at_gateway: Mapped[int] = mapped_column(BigInteger)
    # Payments of the account that are no orders of this shop.
    foreign_payments: Mapped[int] = mapped_column()
    compared_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class Difference(Base):
    """Something that one of the two books had and the other had not, or had otherwise."""

    __tablename__ = "reconciliation_differences"
    __table_args__ = (
        ForeignKeyConstraint(
            ["gateway", "day"], ["reconciliations.gateway", "reconciliations.day"]
        ),
        # Found again, it is the same difference.
        Index("uq_reconciliation_differences", "gateway", "day", "kind", "subject", unique=True),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    gateway: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column()
    kind: Mapped[str] = mapped_column(Text)
    # The gateway's id of the payment or refund.
    subject: Mapped[str] = mapped_column(Text)
    ours: Mapped[str] = mapped_column(Text)
    theirs: Mapped[str] = mapped_column(Text)
    # Whether our books were put right by it.
    is_repaired: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
