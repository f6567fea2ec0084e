"""Files in and out: imports by admins, exports by staff."""

from typing import Any
from uuid import UUID

from flask import Response, request

from app.core import sheets
from app.core.api import Blueprint
from app.core.auth import admin as admins
from app.core.auth import customer_id, staff
from app.core.csv_rows import csv_lines
from app.core.db import transaction
from app.core.pages import Page
from app.core.problems import Forbidden, Unauthenticated, ValidationFailed
from app.fulfilment.filters import Filters
from app.transfers import imports
from app.transfers.errors import FileRefused, FileTooLarge, ImportNotFound, NotCsv
from app.transfers.exports import export
from app.transfers.models import Import
from app.transfers.schemas import (
    ImportListQuery,
    ImportPageSchema,
    ImportQuery,
    ImportSchema,
    OrderExportQuery,
)
from app.transfers.tables import MOST_BYTES

admin = Blueprint(
    "admin_transfers", __name__, url_prefix="/api/v1/admin", description="Files in and out"
)
_FILE = {
    "required": True,
    "content": {"text/csv": {"schema": {"type": "string"}, "example": "sku,price_paise\r\n"}},
}


@admin.post("/imports")
@admin.doc(operationId="hand_in_file")
@admins
@admin.arguments(ImportQuery, location="query")
@admin.response(202, ImportSchema)
@admin.raises(Unauthenticated, Forbidden, FileRefused, FileTooLarge, NotCsv, ValidationFailed)
@admin.doc(requestBody=_FILE)
def hand_in(query: dict[str, Any]) -> Import:
    """Hand a CSV file in; a worker imports all of it, or nothing and says why."""
    if request.mimetype != "text/csv":
        raise NotCsv
    request.max_content_length = MOST_BYTES
    content = request.get_data(cache=False)
    return imports.hand_in(content=content, actor=f"admin:{customer_id()}", **query)


@admin.get("/imports")
@staff
@admin.arguments(ImportListQuery, location="query")
@admin.response(200, ImportPageSchema)
@admin.raises(Unauthenticated, Forbidden, ValidationFailed)
def list_imports(query: dict[str, Any]) -> Page[Import]:
    """List imports, the newest first."""
    with transaction() as session:
        return imports.page(session, **query)


@admin.get("/imports/<uuid:import_id>")
@staff
@admin.response(200, ImportSchema)
@admin.raises(Unauthenticated, Forbidden, ImportNotFound)
def show_import(import_id: UUID) -> Import:
    """Tell how far an import is, and what came of it."""
    with transaction() as session:
        return imports.find(session, import_id)


@admin.get("/imports/<uuid:import_id>/errors.csv")
@admin.doc(operationId="list_import_errors")
@staff
@admin.response(200, content_type="text/csv", description="What is wrong, row by row")
@admin.raises(Unauthenticated, Forbidden, ImportNotFound)
def list_errors(import_id: UUID) -> Response:
    """List what is wrong with a file, row by row, as a file."""
    with transaction() as session:
        one = imports.find(session, import_id)
    rows = [(error["row"], error["column"], error["detail"]) for error in one.errors]
    return sheets.file(f"errors-{import_id}.csv", csv_lines(("row", "column", "detail"), rows))


@admin.get("/exports/products.csv")
@staff
@admin.response(200, content_type="text/csv", description="All products")
@admin.raises(Unauthenticated, Forbidden)
def export_products() -> Response:
    """Export all products; the file can be imported."""
    return sheets.file("products.csv", export("products"))


@admin.get("/exports/stock.csv")
@staff
@admin.response(200, content_type="text/csv", description="The stock of all products")
@admin.raises(Unauthenticated, Forbidden)
def export_stock() -> Response:
    """Export the stock of all products."""
    return sheets.file("stock.csv", export("stock"))


@admin.get("/exports/orders.csv")
@staff
@admin.arguments(OrderExportQuery, location="query")
@admin.response(200, content_type="text/csv", description="The orders that fit")
@admin.raises(Unauthenticated, Forbidden, ValidationFailed)
def export_orders(query: dict[str, Any]) -> Response:
    """Export orders, the oldest first."""
    return sheets.file("orders.csv", export("orders", Filters(**query)))
