"""Reports, for staff: as JSON, and as CSV."""

from datetime import date
from typing import Any

from flask import Response

from app.core.api import Blueprint
from app.core.auth import staff
from app.core.csv_rows import csv_lines
from app.core.db import transaction
from app.core.problems import Forbidden, Unauthenticated, ValidationFailed
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
    """Make a report as a file."""
    rows = _rows(name, query)
    lines = csv_lines(REPORTS[name].columns, rows)
    disposition = f'attachment; filename="{name}.csv"'
    return Response(lines, mimetype="text/csv", headers={"Content-Disposition": disposition})


def _rows(name: str, query: dict[str, date]) -> list[Any]:
    if name not in REPORTS:
        raise ReportNotFound
    with transaction() as session:
        return reports.rows(session, name, **query)
