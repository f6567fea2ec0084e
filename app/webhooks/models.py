"""The inbox table."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base


class WebhookEvent(Base):
    """One event as it was delivered, to the byte; delivered again, it is the same row."""

    __tablename__ = "webhook_events"
    __table_args__ = (
        CheckConstraint(
            "status IN ('received', 'processed', 'ignored', 'failed')", name="status_known"
        ),
        Index("ix_webhook_events_status_received_at", "status", "received_at"),
        Index("ix_webhook_events_received_at_event_id", "received_at", "event_id"),
        # What was told of an order.
        Index(
            "ix_webhook_events_gateway_order_id",
            "gateway_order_id",
            postgresql_where=text("gateway_order_id IS NOT NULL"),
        ),
    )

    event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    gateway: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(Text)
    # The gateway's order that it is about, where it names one.
    gateway_order_id: Mapped[str | None] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(Text, default="received")
    # What came of it, or why the last try failed.
    note: Mapped[str | None] = mapped_column(Text)
    # Tries that failed since it came, or since it was replayed.
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    received_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
    processed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
