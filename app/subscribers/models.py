"""Tables of subscribers and of what is delivered to them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.db import Base
from app.core.ids import new_id


class Subscriber(Base):
    """A system that is told of events, at its address. Its secret is derived, and kept nowhere."""

    __tablename__ = "subscribers"
    __table_args__ = (
        CheckConstraint("url ~ '^https?://'", name="url_is_http"),
        CheckConstraint("cardinality(events) > 0", name="events_named"),
        CheckConstraint("secret_generation > 0", name="secret_generation_positive"),
        CheckConstraint(
            "(disabled_at IS NULL) = (disabled_because IS NULL)", name="disabled_with_reason"
        ),
        Index("ix_subscribers_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    # Names of events; "order.*" is every event of orders, "*" every event.
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    secret_generation: Mapped[int] = mapped_column(default=1, server_default="1")
    # Until then the secret before this one signs too.
    previous_secret_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    disabled_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    disabled_because: Mapped[str | None] = mapped_column(Text)
    # Since when nothing but failures came back.
    failing_since: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    # Nothing is sent before: a call is under way, or the last one took long.
    rests_until: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class Delivery(Base):
    """One event for one subscriber: pending until it is delivered, or has failed too often."""

    __tablename__ = "subscriber_deliveries"
    __table_args__ = (
        CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status_known"),
        CheckConstraint(
            "(status = 'delivered') = (delivered_at IS NOT NULL)", name="delivered_with_time"
        ),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
        # However often an event is told of, a subscriber has it once.
        UniqueConstraint("subscriber_id", "event_id"),
        Index(
            "ix_subscriber_deliveries_due",
            "subscriber_id",
            "due_at",
            postgresql_where=text("status = 'pending'"),
        ),
        Index(
            "ix_subscriber_deliveries_subscriber_id_created_at_id",
            "subscriber_id",
            "created_at",
            "id",
        ),
        # Those of one status, as staff look for them.
        Index(
            "ix_subscriber_deliveries_subscriber_id_status_created_at_id",
            "subscriber_id",
            "status",
            "created_at",
            "id",
        ),
        # What the clock forgets.
        Index("ix_subscriber_deliveries_created_at", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subscriber_id: Mapped[UUID] = mapped_column(ForeignKey("subscribers.id", ondelete="CASCADE"))
    event_id: Mapped[UUID]
    event: Mapped[str] = mapped_column(Text)
    # What it happened to: an order, a refund, a return, a product.
    subject: Mapped[UUID]
    status: Mapped[str] = mapped_column(Text, default="pending", server_default="pending")
    # Since it was written, or since it was replayed.
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    due_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
    delivered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))

    log: Mapped[list["DeliveryTry"]] = relationship(order_by="DeliveryTry.id", viewonly=True)


class DeliveryTry(Base):
    """One call, and what came back."""

    __tablename__ = "subscriber_delivery_tries"
    __table_args__ = (
        CheckConstraint("(http_status IS NULL) = (error IS NOT NULL)", name="answered_or_not"),
        Index("ix_subscriber_delivery_tries_delivery_id_id", "delivery_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    delivery_id: Mapped[UUID] = mapped_column(
        ForeignKey("subscriber_deliveries.id", ondelete="CASCADE")
    )
    tried_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
    took_ms: Mapped[int]
    http_status: Mapped[int | None]
    # The first bytes of the answer, as text.
    answer: Mapped[str | None] = mapped_column(Text)
    # Why there was no answer.
    error: Mapped[str | None] = mapped_column(Text)
