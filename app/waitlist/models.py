"""Tables of the waitlist."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.ids import new_id


class WaitlistEntry(Base):
    """A customer who wants to be told when a product is back in stock; told once."""

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        # Who waits, in the order of asking; and each once.
        Index(
            "ix_waitlist_entries_waiting", "product_id", "created_at", "id",
            postgresql_where=text("told_at IS NULL"),
        ),
        Index(
            "uq_waitlist_entries_waiting", "user_id", "product_id", unique=True,
            postgresql_where=text("told_at IS NULL"),
        ),
        # Who was told lately.
        Index("ix_waitlist_entries_told", "product_id", "told_at"),
    )  # fmt: skip

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
    told_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
