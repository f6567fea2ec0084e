"""Tables as files: CSV line by line, and XLSX, in which numbers are numbers and days are days."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from tempfile import SpooledTemporaryFile
from typing import Any, TypeVar

import structlog
from flask import Response
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from app.core.csv_rows import csv_lines
from app.core.money import BASIS_POINTS, PAISE

log = structlog.get_logger(__name__)

CSV, XLSX = "csv", "xlsx"
MIMETYPES = {
    CSV: "text/csv",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# What is a rate, by the name of its column.
_RATE = "_basis_points"
# Lakhs and crores. There is room for two conditions, so what is negative goes by thousands.
_RUPEES = r'[>=10000000]"₹"##\,##\,##\,##0.00;[>=100000]"₹"##\,##\,##0.00;"₹"#,##0.00'
_NARROWEST = 12
_IN_MEMORY = 1024 * 1024
_PART = 64 * 1024

Part = TypeVar("Part", str, bytes)
_Write = Callable[[Worksheet, int, int, Any], object]


def table(name: str, kind: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Answer with a table as a file of a kind, ``CSV`` or ``XLSX``."""
    if kind == XLSX:
        return file(f"{name}.{kind}", xlsx_parts(header, rows))
    return file(f"{name}.{kind}", csv_lines(header, rows))


def file(name: str, parts: Iterable[Part]) -> Response:
    """
    Answer with a file, part by part as they come; the end of its name tells what it is.

    One that breaks off is logged, and ends in the middle, so that nobody takes it for whole.
    """
    return Response(
        _watched(name, parts),
        mimetype=MIMETYPES[name.rpartition(".")[2]],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def xlsx_parts(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """
    Write a table as XLSX, a row in memory at a time.

    What is in paise by its heading is told in rupees, and basis points as a rate. No text is
    taken for a formula, an address or a number.
    """
    with SpooledTemporaryFile(_IN_MEMORY) as written:
        with Workbook(written, {"constant_memory": True}) as book:
            _fill(book, header, rows)
        written.seek(0)
        while part := written.read(_PART):
            yield part


def _fill(book: Workbook, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    bold = book.add_format({"bold": True})
    for place, name in enumerate(header):
        heading = name.removesuffix(PAISE).removesuffix(_RATE).replace("_", " ")
        sheet.set_column(place, place, max(_NARROWEST, len(heading) + 2))
        sheet.write_string(0, place, heading, bold)
    writers = _writers(book, header)
    for number, row in enumerate(rows, start=1):
        for place, (write, value) in enumerate(zip(writers, row, strict=True)):
            write(sheet, number, place, value)


def _writers(book: Workbook, header: Sequence[str]) -> list[_Write]:
    """Choose how each column is written, by its name."""
    plain = _writer(book, "0", 1)
    by_end = {PAISE: _writer(book, _RUPEES, 100), _RATE: _writer(book, "0.00%", BASIS_POINTS)}
    return [
        next((write for end, write in by_end.items() if name.endswith(end)), plain)
        for name in header
    ]


def _writer(book: Workbook, number_format: str, parts: int) -> _Write:
    number = book.add_format({"num_format": number_format})
    day = book.add_format({"num_format": "yyyy-mm-dd"})

    def write(sheet: Worksheet, row: int, place: int, value: Any) -> None:
        if isinstance(value, str):
            sheet.write_string(row, place, value)
        elif isinstance(value, date):
            sheet.write_datetime(row, place, value, day)
        elif value is not None:
            sheet.write_number(row, place, value / parts, number)

    return write


def _watched(name: str, parts: Iterable[Part]) -> Iterator[Part]:
    try:
        yield from parts
    except Exception:
        log.exception("file.broke_off", file=name)
        raise
