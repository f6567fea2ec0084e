"""Tables of checkout."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Text, func
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class IdempotencyKey(Base):
    """What a checkout was answered, written in the transaction that made the order."""

    __tablename__ = "idempotency_keys"

    # The order id derives from customer and key, so this is the key.
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(
        TIMESTAMP(True), server_default=func.now(), index=True
    )
