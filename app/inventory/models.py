"""Tables of stock: the durable copy of reservations, and the ledger."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class Reservation(Base):
    """What one order holds of one product: pending, then once and for ever something else."""

    __tablename__ = "reservations"
    __table_args__ = (
        CheckConstraint("units > 0", name="units_positive"),
        CheckConstraint(
            "state IN ('pending', 'committed', 'released', 'expired')", name="state_known"
        ),
        # Who holds units of a product, when Redis has to be told again.
        Index(
            "ix_reservations_pending",
            "product_id",
            postgresql_where=text("state = 'pending'"),
        ),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"), primary_key=True)
    units: Mapped[int]
    state: Mapped[str] = mapped_column(Text, default="pending")
    # By Redis' clock, which alone decides; this copy is for people and for loading.
    deadline_at: Mapped[datetime] = mapped_column(TIMESTAMP(True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class StockMovement(Base):
    """One change of on hand; a trigger refuses to alter or remove it."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        CheckConstraint("units <> 0", name="units_not_zero"),
        CheckConstraint("(kind = 'sale') = (units < 0)", name="kind_fits_sign"),
        CheckConstraint("kind IN ('receipt', 'sale')", name="kind_known"),
        Index("ix_stock_movements_product_id_id", "product_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[str] = mapped_column(Text)
    units: Mapped[int]
    # The one name of this effect: written twice, it is refused.
    reference: Mapped[str] = mapped_column(Text, unique=True)
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("orders.id"))
    actor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
