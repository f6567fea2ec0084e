"""Reports, for staff: as JSON, CSV and XLSX."""

from datetime import date
from typing import Any

from flask import Response

from app.core import sheets
from app.core.api import Blueprint
from app.core.auth import staff
from app.core.problems import Forbidden, Unauthenticated, ValidationFailed
from app.core.replica import reading
from app.reports import reports
from app.reports.errors import ReportNotFound
from app.reports.reports import REPORTS
from app.reports.schemas import PeriodQuery, ReportSchema

admin = Blueprint(
    "admin_reports", __name__, url_prefix="/api/v1/admin/reports", description="Reports, for staff"
)


@admin.get("/<string:name>")
@staff
@admin.arguments(PeriodQuery, location="query")
@admin.response(200, ReportSchema)
@admin.raises(Unauthenticated, Forbidden, ReportNotFound, ValidationFailed)
def show_report(query: dict[str, date], name: str) -> dict[str, Any]:
    """Make a report: sales, payments, taxes, returns or inventory."""
    rows = _rows(name, query)
    shown = [[str(cell) if isinstance(cell, date) else cell for cell in row] for row in rows]
    return {"columns": REPORTS[name].columns, "rows": shown, "sums": reports.sums(name, rows)}


@admin.get("/<string:name>.csv")
@staff
@admin.arguments(PeriodQuery, location="query")
@admin.response(200, content_type="text/csv", description="The report")
@admin.raises(Unauthenticated, Forbidden, ReportNotFound, ValidationFailed)
def export_report(query: dict[str, date], name: str) -> Response:
    """Make a report as CSV."""
    return _file(name, sheets.CSV, query)


@admin.get("/<string:name>.xlsx")
@staff
@admin.arguments(PeriodQuery, location="query")
@admin.response(200, content_type=sheets.MIMETYPES[sheets.XLSX], description="The report")
@admin.raises(Unauthenticated, Forbidden, ReportNotFound, ValidationFailed)
def export_report_as_xlsx(query: dict[str, date], name: str) -> Response:
    """Make a report as XLSX, in rupees."""
    return _file(name, sheets.XLSX, query)


def _file(name: str, kind: str, query: dict[str, date]) -> Response:
    rows = _rows(name, query)
    return sheets.table(name, kind, REPORTS[name].columns, rows)


def _rows(name: str, query: dict[str, date]) -> list[Any]:
    if name not in REPORTS:
        raise ReportNotFound
    with reading() as session:
        return reports.rows(session, name, **query)
