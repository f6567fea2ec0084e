"""Files: products and stock come in, tried before they are taken; and go out."""

from typing import Any, ClassVar
from uuid import UUID

from flask import make_response, request
from flask_admin import expose

from app.backoffice.forms import Wrong
from app.backoffice.page import ADMINS, Page, done, person
from app.backoffice.words import percent
from app.core import sheets
from app.core.csv_rows import csv_lines
from app.core.db import transaction
from app.core.money import PAISE, rupees
from app.core.problems import Problem
from app.transfers import exports, imports, tables
from app.transfers.errors import FileRefused, FileTooLarge
from app.transfers.models import Import

AT_ONCE = 25
# Rows of one import that are shown together.
ROWS_AT_ONCE = 100
MOST_DIGITS = 6
_RATE = "_basis_points"
# Whatever a file is called, by these bytes it begins that are no text.
_ZIP = b"PK\x03\x04"


class Files(Page):
    """Files."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {
        "index": ADMINS, "upload": ADMINS, "show": ADMINS, "apply": ADMINS, "errors": ADMINS,
        "template": ADMINS, "export": ADMINS,
    }  # fmt: skip
    # The fields beside the file come with it.
    UPLOADS: ClassVar = {"upload": tables.MOST_BYTES + 64 * 1024}

    @expose("/")
    def index(self) -> Any:
        """List what was handed in, the newest first, beside the form for another file."""
        return self._list(Wrong())

    @expose("/upload", methods=("POST",))
    def upload(self) -> Any:
        """Take a file in to be tried: what it would change is told, and nothing is changed."""
        wrong, kind = Wrong(), request.form.get("kind", "")
        if kind not in tables.KINDS:
            wrong["kind"] = f"is none of {', '.join(tables.KINDS)}"
        content = _content(wrong)
        if not wrong:
            try:
                one = imports.hand_in(kind, content, is_dry_run=True, actor=person().actor)
                return done("The file is being tried.", "files.show", import_id=one.id)
            except (FileRefused, FileTooLarge) as problem:
                wrong["file"] = _said(problem)
        return make_response(self._list(wrong), 422)

    @expose("/<uuid:import_id>")
    def show(self, import_id: UUID) -> Any:
        """Show how far one is, what is wrong with it, and what it would change."""
        with transaction() as session:
            one = imports.find(session, import_id)
            changes = imports.changes(session, import_id)
            next_id = imports.carried_out_by(session, import_id)
            is_ready = imports.can_be_carried_out(session, one)
        told = changes or one.errors
        begin = _begin(len(told))
        return self.render(
            "backoffice/import.html", one=one, next_id=next_id, is_ready=is_ready,
            changing=_changing(one), changes=changes[begin : begin + ROWS_AT_ONCE],
            errors=one.errors[begin : begin + ROWS_AT_ONCE], begin=begin, told=len(told),
            rows_at_once=ROWS_AT_ONCE, shown=_shown,
        )  # fmt: skip

    @expose("/<uuid:import_id>/apply", methods=("POST",))
    def apply(self, import_id: UUID) -> Any:
        """Import a file that was tried; what is not as it was then is refused."""
        one = imports.carry_out(import_id, actor=person().actor)
        return done("The file is being imported.", "files.show", import_id=one.id)

    @expose("/<uuid:import_id>/errors.csv")
    def errors(self, import_id: UUID) -> Any:
        """Give what is wrong with a file, row by row, as a file."""
        with transaction() as session:
            found = imports.find(session, import_id).errors
        rows = [(error["row"], error["column"], error["detail"]) for error in found]
        return sheets.file(f"errors-{import_id}.csv", csv_lines(("row", "column", "detail"), rows))

    @expose("/template/<any(products, stock):kind>")
    def template(self, kind: str) -> Any:
        """Give an empty file with the columns of a kind."""
        columns = [column.name for column in tables.KINDS[kind].columns]
        return sheets.file(f"{kind}-template.csv", csv_lines(columns, ()))

    @expose("/export/<any(products, stock):kind>")
    def export(self, kind: str) -> Any:
        """Give all products, or the stock of all, as a file; that it was taken is written down."""
        return sheets.file(f"{kind}.csv", exports.export(kind))

    def _list(self, wrong: Wrong) -> str:
        with transaction() as session:
            rows = imports.page(
                session, kind=None, limit=AT_ONCE, cursor=request.args.get("cursor")
            )
        return self.render(
            "backoffice/imports.html", rows=rows, kinds=tables.KINDS, wrong=wrong,
            kind=request.form.get("kind", ""), most=tables.MOST_BYTES // 1024**2,
        )  # fmt: skip


def _content(wrong: Wrong) -> bytes:
    """Read the file of the form; what is no CSV by its name or its first bytes is refused."""
    file = request.files.get("file")
    if file is None or not file.filename:
        wrong["file"] = "choose a file first"
        return b""
    content = bytes(file.read())
    if content.startswith(_ZIP) or not file.filename.lower().endswith(".csv"):
        wrong["file"] = "is no CSV file: save the table as “CSV UTF-8” first"
    elif not content.strip():
        wrong["file"] = "is empty"
    return content


def _said(problem: Problem) -> str:
    return problem.detail or problem.title()


def _begin(rows: int) -> int:
    """Read from which row on is asked to be shown."""
    asked = request.args.get("begin", "")
    begin = int(asked) if asked.isdecimal() and len(asked) <= MOST_DIGITS else 0
    return min(begin, max(0, rows - 1)) // ROWS_AT_ONCE * ROWS_AT_ONCE


def _changing(one: Import) -> int:
    """Count the rows that change something."""
    return sum(rows for what, rows in (one.counts or {}).items() if what != "unchanged")


def _shown(column: str, text: str) -> str:
    """Write a cell as people in India read it."""
    is_whole = text.removeprefix("-").isdecimal()
    if column.endswith(PAISE) and is_whole:
        return rupees(int(text))
    return f"{percent(int(text))} %" if column.endswith(_RATE) and is_whole else text
