"""The table of alerts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, func, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.ids import new_id


class Alert(Base):
    """Something that a person has to look at: open until it is over, or somebody closes it."""

    __tablename__ = "alerts"
    __table_args__ = (
        # Raised again while it is open, it is the same alert.
        Index(
            "uq_alerts_open",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_alerts_created_at_id", "created_at", "id"),
        Index("ix_alerts_kind_created_at_id", "kind", "created_at", "id"),
        # What is open is little beside what was.
        Index(
            "ix_alerts_open_created_at_id",
            "created_at",
            "id",
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(Text)
    # Which one: the id of a refund, a dispute, a day.
    subject: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
    closed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    closed_by: Mapped[str | None] = mapped_column(Text)
