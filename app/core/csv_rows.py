"""Tables as CSV, such as a spreadsheet opens them: as they are, and without running anything."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

# By it a spreadsheet knows that the bytes are UTF-8.
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """
    Write a table line by line, as its rows come.

    A cell that a spreadsheet would take for a formula begins with an apostrophe; None is empty.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write(BOM)
    writer.writerow(header)
    yield buffer.getvalue()
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_cell(value) for value in row])
        yield buffer.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    # Also one behind apostrophes, so that taking a single one off always gives what was there.
    if text.lstrip("'").startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text
