"""Invoices, once written: found and listed."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.pages import Page, newest_first
from app.invoices.errors import InvoiceNotFound
from app.invoices.models import Invoice
from app.orders.models import Order


def find(session: Session, invoice_id: UUID, *, user_id: UUID | None = None) -> Invoice:
    """
    Find an invoice or credit note.

    Raises:
        InvoiceNotFound: there is none, or it is not ``user_id``'s.
    """
    query = select(Invoice).where(Invoice.id == invoice_id)
    if user_id is not None:
        query = query.join(Order, Order.id == Invoice.order_id).where(Order.user_id == user_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise InvoiceNotFound
    return found


def of_order(session: Session, order_id: UUID) -> Sequence[Invoice]:
    """List an order's invoice and credit notes, the first one first."""
    query = select(Invoice).where(Invoice.order_id == order_id)
    return session.scalars(query.order_by(Invoice.issued_at, Invoice.serial)).all()


def page(
    session: Session,
    *,
    kind: str | None,
    number: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    cursor: str | None,
) -> Page[Invoice]:
    """List all of them, the newest first; ``until`` itself is left out."""
    query = select(Invoice)
    if kind is not None:
        query = query.where(Invoice.kind == kind)
    if number is not None:
        query = query.where(Invoice.number == number)
    if since is not None:
        query = query.where(Invoice.issued_at >= since)
    if until is not None:
        query = query.where(Invoice.issued_at < until)
    return newest_first(session, query, Invoice.issued_at, Invoice.id, limit=limit, cursor=cursor)
