"""Tables of transfers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, func
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.ids import new_id


class Import(Base):
    """
    A file that was handed in, how far it is, and what came of it.

    Its text is kept until it has ended; of a dry run that found nothing wrong, until it is carried
    out, or forgotten.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("kind IN ('products', 'stock')", name="kind_known"),
        CheckConstraint("status IN ('waiting', 'running', 'done', 'refused')", name="status_known"),
        CheckConstraint("rows_done BETWEEN 0 AND rows", name="rows_done_within_rows"),
        Index("ix_imports_created_at_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(Text)
    is_dry_run: Mapped[bool]
    status: Mapped[str] = mapped_column(Text, default="waiting")
    rows: Mapped[int]
    rows_done: Mapped[int] = mapped_column(default=0)
    text: Mapped[str | None] = mapped_column(Text)
    # How many rows do what: {"created": 3, "updated": 1, "unchanged": 0}.
    counts: Mapped[dict[str, int] | None] = mapped_column(JSONB)
    # [{"row": 2, "column": "price_paise", "detail": "..."}]; row 1 is the header.
    errors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    # What a dry run would change: [{"row": 2, "sku": "RING", "is_new": false, "cells":
    # [["price_paise", "100000", "90000"]]}]; and each product's revision then, null for a new one.
    changes: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default=list, server_default=sql("'[]'"), deferred=True
    )
    revisions: Mapped[dict[str, int | None] | None] = mapped_column(JSONB, deferred=True)
    # The dry run that it carries out.
    trial_id: Mapped[UUID | None] = mapped_column(ForeignKey("imports.id"), unique=True)
    actor: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
