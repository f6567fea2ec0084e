"""Where admins read who changed what."""

import json
from collections.abc import Iterator
from typing import Any

from flask import Response

from app.audit import trail
from app.audit.schemas import RecordFilterQuery, RecordPageSchema, RecordQuery, RecordSchema
from app.audit.sources import Entry
from app.audit.trail import Filters
from app.core import sheets
from app.core.api import Blueprint
from app.core.auth import admin as for_admins
from app.core.pages import Page
from app.core.problems import Forbidden, Unauthenticated, ValidationFailed
from app.core.replica import leafing

admin = Blueprint(
    "admin_audit", __name__, url_prefix="/api/v1/admin", description="Who changed what"
)
_COLUMNS = tuple(RecordSchema().fields)


@admin.get("/audit-log")
@admin.doc(operationId="list_audit_log")
@for_admins
@admin.arguments(RecordQuery, location="query")
@admin.response(200, RecordPageSchema)
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def list_changes(query: dict[str, Any]) -> Page[Entry]:
    """List changes of stock, money, orders, roles and settings, the newest first."""
    with leafing(query.get("cursor")) as session:
        return trail.page(session, **query)


@admin.get("/audit-log.csv")
@admin.doc(operationId="export_audit_log")
@for_admins
@admin.arguments(RecordFilterQuery, location="query")
@admin.response(200, content_type="text/csv", description="All that fit, the newest first")
@admin.raises(ValidationFailed, Unauthenticated, Forbidden)
def export_changes(query: dict[str, Filters]) -> Response:
    """Export changes as CSV; that you did is a line of the log too."""
    rows = _rows(trail.export(query["filters"]))
    return sheets.table("audit-log", sheets.CSV, _COLUMNS, rows)


def _rows(entries: Iterator[Entry]) -> Iterator[list[Any]]:
    schema = RecordSchema()
    for entry in entries:
        yield list(map(_cell, schema.dump(entry).values()))


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
