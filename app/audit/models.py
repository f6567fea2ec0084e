"""The table of the audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.actors import FromWhere
from app.core.db import Base


class Record(FromWhere, Base):
    """
    One change; a trigger refuses to alter or remove it, and others write it.

    ``before`` and ``after`` have the columns that changed. What is nobody's business is "masked".
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        CheckConstraint(
            "action IN ('insert', 'update', 'delete', 'setting', 'export')", name="action_known"
        ),
        Index("ix_audit_log_at_id", "at", "id"),
        Index("ix_audit_log_subject", "subject", "subject_id", "at", "id"),
        Index("ix_audit_log_actor_at_id", "actor", "at", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
    # Where nobody said who acts, it is who is signed in to the database.
    actor: Mapped[str] = mapped_column(
        Text,
        server_default=text("COALESCE(acting('actor'::text), ('database:'::text || SESSION_USER))"),
    )
    action: Mapped[str] = mapped_column(Text)
    # The table and the key of what was changed.
    subject: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
