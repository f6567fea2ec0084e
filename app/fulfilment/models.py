"""The table of what came of pre-orders."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.ids import new_id


class PreorderArrival(Base):
    """Pieces of a pre-order that came, which ended it; written once, never changed."""

    __tablename__ = "preorder_arrivals"
    __table_args__ = (
        # Fewer than were promised are not taken in.
        CheckConstraint("promised BETWEEN 0 AND received", name="promises_kept"),
        Index("ix_preorder_arrivals_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    # The day that was promised last.
    ships_on: Mapped[date]
    promised: Mapped[int]
    received: Mapped[int]
    actor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
