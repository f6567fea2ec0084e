"""Tables of returns."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, func
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.actors import FromWhere
from app.core.db import Base
from app.core.ids import new_id

DISPOSITIONS = ("restock", "repair", "melt", "write_off")


class Return(Base):
    """Units of one order that a customer wants to send back together."""

    __tablename__ = "returns"
    __table_args__ = (
        CheckConstraint(
            "status IN ('requested', 'approved', 'rejected', 'withdrawn', 'received')",
            name="status_known",
        ),
        CheckConstraint("refund_amount >= 0", name="refund_amount_not_negative"),
        Index("ix_returns_user_id_created_at_id", "user_id", "created_at", "id"),
        Index("ix_returns_status_created_at_id", "status", "created_at", "id"),
        Index("ix_returns_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(Text, default="requested")
    comment: Mapped[str | None] = mapped_column(Text)
    # What went back for it, in paise, once it was received.
    refund_amount: Mapped[int | None] = mapped_column(BigInteger)
    # The order that the customer placed in exchange.
    exchange_order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())

    lines: Mapped[list["ReturnLine"]] = relationship(order_by="ReturnLine.sku", lazy="selectin")
    steps: Mapped[list["ReturnStep"]] = relationship(order_by="ReturnStep.id", lazy="selectin")


class ReturnLine(Base):
    """
    One product of a return.

    Of ``quantity`` units that were asked for, ``approved`` may come, and ``received`` have.
    """

    __tablename__ = "return_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("approved BETWEEN 0 AND quantity", name="approved_within_quantity"),
        CheckConstraint(
            "received BETWEEN 0 AND coalesce(approved, 0)", name="received_within_approved"
        ),
    )

    return_id: Mapped[UUID] = mapped_column(ForeignKey("returns.id"), primary_key=True)
    sku: Mapped[str] = mapped_column(Text, primary_key=True)
    quantity: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    comment: Mapped[str | None] = mapped_column(Text)
    photos: Mapped[list[str]] = mapped_column(JSONB)
    # The product that the customer wants in its place.
    exchange_for: Mapped[str | None] = mapped_column(Text)
    # None until it is decided.
    approved: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(Text)
    # What staff mean to do with it when they approve.
    is_to_restock: Mapped[bool | None]
    received: Mapped[int] = mapped_column(default=0, server_default="0")


class ReturnStep(Base):
    """One step of a return: when, to what, by whom, and what was said."""

    __tablename__ = "return_steps"
    __table_args__ = (Index("ix_return_steps_return_id_id", "return_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    return_id: Mapped[UUID] = mapped_column(ForeignKey("returns.id"))
    status: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class Disposition(FromWhere, Base):
    """What was done with units that came back; those in repair get a second one when it is over."""

    __tablename__ = "return_dispositions"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint(
            "disposition IN ('restock', 'repair', 'melt', 'write_off')", name="disposition_known"
        ),
        CheckConstraint("NOT is_repaired OR disposition <> 'repair'", name="repaired_once"),
        # The one name of this effect: done again, it is refused.
        Index("uq_return_dispositions_reference", "reference", unique=True),
        Index("ix_return_dispositions_return_id_id", "return_id", "id"),
        Index("ix_return_dispositions_created_at_id", "created_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    return_id: Mapped[UUID] = mapped_column(ForeignKey("returns.id"))
    sku: Mapped[str] = mapped_column(Text)
    quantity: Mapped[int]
    disposition: Mapped[str] = mapped_column(Text)
    # Whether the units come out of repair.
    is_repaired: Mapped[bool] = mapped_column(default=False)
    reference: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
