"""Tables of stock: the durable copy of reservations, the ledger, and what was repaired."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Sequence,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.actors import BY_PEOPLE, FromWhere
from app.core.db import Base

# Numbers loads. A sequence never gives a number twice, whatever is rolled back.
EPOCHS = Sequence("stock_epochs", metadata=Base.metadata)


class Reservation(Base):
    """What one order holds of one product: pending, then once and for ever something else."""

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_positive"),
        CheckConstraint("returned BETWEEN 0 AND units", name="returned_within_units"),
        CheckConstraint("returned = 0 OR state = 'committed'", name="returned_after_paid"),
        CheckConstraint(
            "state IN ('pending', 'committed', 'released', 'expired')", name="state_known"
        ),
        # Who holds units of a product, when Redis has to be told again.
        Index(
            "ix_reservations_pending",
            "product_id",
            postgresql_where=text("state = 'pending'"),
        ),
        # What somebody has bought of a product, for its purchase limit.
        Index(
            "ix_reservations_bought",
            "product_id",
            "buyer",
            postgresql_where=text("state = 'committed'"),
        ),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"), primary_key=True)
    units: Mapped[int]
    # Paid units that came back.
    returned: Mapped[int] = mapped_column(default=0, server_default="0")
    buyer: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="pending")
    # By Redis' clock, which alone decides; this copy is for people and for loading.
    deadline_at: Mapped[datetime] = mapped_column(TIMESTAMP(True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class StockMovement(FromWhere, Base):
    """
    One change of on hand; a trigger refuses to alter or remove it.

    Another one refuses a commit that leaves on hand at anything else than the last ``balance``.
    """

    __tablename__ = "stock_movements"
    __table_args__ = (
        CheckConstraint("units <> 0", name="units_not_zero"),
        CheckConstraint("balance >= 0", name="balance_not_negative"),
        CheckConstraint(
            "CASE kind WHEN 'receipt' THEN units > 0 WHEN 'restock' THEN units > 0"
            " WHEN 'sale' THEN units < 0 WHEN 'write_off' THEN units < 0"
            " ELSE kind = 'adjustment' END",
            name="kind_fits_sign",
        ),
        CheckConstraint(
            "reason <> '' AND (reason IS NOT NULL OR kind NOT IN ('adjustment', 'write_off'))",
            name="reason_given",
        ),
        Index("ix_stock_movements_product_id_id", "product_id", "id"),
        # All products' changes, newest first.
        Index("ix_stock_movements_created_at_id", "created_at", "id"),
        # What an order moved.
        Index(
            "ix_stock_movements_order_id",
            "order_id",
            postgresql_where=text("order_id IS NOT NULL"),
        ),
        # What people did, which is little beside what the shop does itself.
        Index(
            "ix_stock_movements_by_people",
            "actor",
            "created_at",
            "id",
            postgresql_where=text(BY_PEOPLE),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[str] = mapped_column(Text)
    units: Mapped[int]
    # On hand after it.
    balance: Mapped[int]
    # The one name of this effect: written twice, it is refused.
    reference: Mapped[str] = mapped_column(Text, unique=True)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    actor: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class StockAdjustment(Base):
    """Changes of on hand that staff booked together, once under one reference."""

    __tablename__ = "stock_adjustments"

    reference: Mapped[str] = mapped_column(Text, primary_key=True)
    # What was booked, so that the reference is not taken for another booking.
    fingerprint: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class StockDrift(Base):
    """A difference between Redis and Postgres, or within the ledger, that should not have been."""

    __tablename__ = "stock_drifts"
    __table_args__ = (Index("ix_stock_drifts_product_id_id", "product_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[str] = mapped_column(Text)
    # What Postgres and Redis each had.
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_repaired: Mapped[bool]
    found_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class LowStock(Base):
    """A product that staff were told is about to be sold out; forgotten when it no longer is."""

    __tablename__ = "low_stock"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
