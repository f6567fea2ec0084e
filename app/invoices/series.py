"""Serial numbers: the next one of a kind and year, without a gap and in the order of time."""

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.india import INDIA
from app.invoices.models import Invoice, InvoiceSeries

PREFIXES = {"invoice": "INV", "credit_note": "CN"}
APRIL = 4


def number(session: Session, invoice: Invoice, now: datetime | None = None) -> None:
    """
    Give an invoice its number and time, as the last thing of its transaction.

    The row of its series stays locked until the end: a number that is rolled back is the next
    one's. A clock that was set back makes no number older than the one before it.
    """
    now = now or datetime.now(UTC)
    year = financial_year(now)
    session.execute(
        insert(InvoiceSeries).values(kind=invoice.kind, financial_year=year)
        .on_conflict_do_nothing()
    )  # fmt: skip
    series = session.scalars(
        select(InvoiceSeries)
        .where(InvoiceSeries.kind == invoice.kind, InvoiceSeries.financial_year == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    series.last_serial += 1
    if series.last_serial > 1:
        now = max(now, series.last_issued_at)
    series.last_issued_at = now
    invoice.financial_year, invoice.serial, invoice.issued_at = year, series.last_serial, now
    invoice.number = f"{PREFIXES[invoice.kind]}/{year}/{series.last_serial:07}"


def financial_year(moment: datetime) -> str:
    """Name the financial year in India, April to March: 2627."""
    day = moment.astimezone(INDIA)
    first = day.year if day.month >= APRIL else day.year - 1
    return f"{first % 100:02}{(first + 1) % 100:02}"
