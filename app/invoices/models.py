"""Tables of invoices."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.ids import new_id


class InvoiceSeries(Base):
    """The last serial of a kind in a financial year; whoever takes the next one locks the row."""

    __tablename__ = "invoice_series"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    # 2627 is April 2026 to March 2027.
    financial_year: Mapped[str] = mapped_column(Text, primary_key=True)
    last_serial: Mapped[int] = mapped_column(default=0)
    last_issued_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


class Invoice(Base):
    """
    A tax invoice, or a credit note that takes something of one back; never changed.

    ``facts`` are all that is printed on it, as it was then.
    """

    __tablename__ = "invoices"
    __table_args__ = (
        CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind_known"),
        # Rules 46 and 53 of the CGST Rules, 2017.
        CheckConstraint("number ~ '^[A-Z0-9/-]{1,16}$'", name="number_well_formed"),
        CheckConstraint("total > 0", name="total_positive"),
        UniqueConstraint("kind", "financial_year", "serial"),
        Index("ix_invoices_order_id_issued_at", "order_id", "issued_at"),
        Index("ix_invoices_issued_at_id", "issued_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(Text)
    financial_year: Mapped[str] = mapped_column(Text)
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(Text, unique=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    # The one name of what it is for: written down twice, it is one.
    reference: Mapped[str] = mapped_column(Text, unique=True)
    total: Mapped[int] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    issued_at: Mapped[datetime] = mapped_column(TIMESTAMP(True))
