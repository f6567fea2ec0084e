"""Reports of a period, and of what the stock is worth; as page, CSV and XLSX."""

from typing import Any, ClassVar

from flask import request
from flask_admin import expose

from app.audit import trail
from app.backoffice import forms
from app.backoffice.page import EVERYBODY, Page
from app.core import sheets
from app.core.db import transaction
from app.core.replica import reading
from app.reports import reports
from app.reports.reports import REPORTS
from app.reports.schemas import PeriodQuery


class Figures(Page):
    """Reports."""

    GROUP = "Watching"
    ALLOWED: ClassVar = {"index": EVERYBODY, "file": EVERYBODY}

    @expose("/")
    def index(self) -> Any:
        """Show a report of a period."""
        name, period = _name(), _period()
        with reading() as session:
            rows = reports.rows(session, name, **period)
        return self.render(
            "backoffice/figures.html", name=name, report=REPORTS[name], reports=REPORTS,
            rows=rows, sums=reports.sums(name, rows), **period,
        )  # fmt: skip

    @expose("/file")
    def file(self) -> Any:
        """Give it as a file, of either kind; that it was taken is written down."""
        name, period = _name(), _period()
        with transaction() as session:
            asked = {key: str(day) for key, day in period.items()}
            trail.record_export(session, f"report {name}", asked)
        with reading() as session:
            rows = reports.rows(session, name, **period)
        kind = sheets.XLSX if request.args.get("kind") == sheets.XLSX else sheets.CSV
        return sheets.table(name, kind, REPORTS[name].columns, rows)


def _name() -> str:
    name = request.args.get("report", "sales")
    return name if name in REPORTS else "sales"


def _period() -> dict[str, Any]:
    given = {name: day for name in ("from", "to") if (day := request.args.get(name))}
    return forms.load(PeriodQuery(), given)
