"""Invoices and credit notes: a customer's own, and all of them for staff."""

from typing import Any
from uuid import UUID

from flask import Response

from app.core.api import Blueprint
from app.core.auth import customer_id, signed_in, staff
from app.core.db import transaction
from app.core.pages import Page
from app.core.problems import Forbidden, Unauthenticated, ValidationFailed
from app.invoices import invoices, paper
from app.invoices.errors import InvoiceNotFound
from app.invoices.models import Invoice
from app.invoices.schemas import InvoiceListSchema, InvoicePageSchema, InvoiceQuery
from app.orders import orders
from app.orders.errors import OrderNotFound

blueprint = Blueprint("invoices", __name__, url_prefix="/api/v1", description="Your invoices")
admin = Blueprint(
    "admin_invoices",
    __name__,
    url_prefix="/api/v1/admin/invoices",
    description="Invoices, for staff",
)
PDF = {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}
_PRINTED = {"responses": {"200": {"description": "The invoice.", "content": PDF}}}


@blueprint.get("/orders/<uuid:order_id>/invoices")
@blueprint.doc(operationId="list_invoices")
@signed_in
@blueprint.response(200, InvoiceListSchema)
@blueprint.raises(Unauthenticated, OrderNotFound)
def list_own(order_id: UUID) -> dict[str, Any]:
    """List an order's invoice, which is written when it is shipped, and its credit notes."""
    with transaction() as session:
        orders.find(session, order_id, user_id=customer_id())
        return {"items": invoices.of_order(session, order_id)}


@blueprint.get("/invoices/<uuid:invoice_id>.pdf")
@blueprint.doc(operationId="print_invoice")
@signed_in
@blueprint.raises(Unauthenticated, InvoiceNotFound)
@blueprint.doc(**_PRINTED)
def print_own(invoice_id: UUID) -> Response:
    """Print one of your invoices or credit notes."""
    with transaction() as session:
        found = invoices.find(session, invoice_id, user_id=customer_id())
    return _printed(found)


@admin.get("")
@admin.doc(operationId="list_all_invoices")
@staff
@admin.arguments(InvoiceQuery, location="query")
@admin.response(200, InvoicePageSchema)
@admin.raises(Unauthenticated, Forbidden, ValidationFailed)
def list_all(query: dict[str, Any]) -> Page[Invoice]:
    """List invoices and credit notes, the newest first."""
    with transaction() as session:
        return invoices.page(session, **query)


@admin.get("/<uuid:invoice_id>.pdf")
@admin.doc(operationId="print_any_invoice")
@staff
@admin.raises(Unauthenticated, Forbidden, InvoiceNotFound)
@admin.doc(**_PRINTED)
def print_any(invoice_id: UUID) -> Response:
    """Print an invoice or credit note."""
    with transaction() as session:
        found = invoices.find(session, invoice_id)
    return _printed(found)


def _printed(invoice: Invoice) -> Response:
    name = invoice.number.replace("/", "-")
    return Response(
        paper.pdf(invoice),
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )
