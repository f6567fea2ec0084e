"""Tables of carts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base

MOST_UNITS = 1_000


class CartItem(Base):
    """So many units of one product in a customer's cart."""

    __tablename__ = "cart_items"
    __table_args__ = (
        CheckConstraint(f"quantity BETWEEN 1 AND {MOST_UNITS}", name="quantity_in_range"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"), primary_key=True)
    quantity: Mapped[int]
    # For later: it is not bought with the rest.
    is_saved: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    added_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
