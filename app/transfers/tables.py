"""
CSV files as tables: the columns that each kind has, read into what the API's schemas take.

A row is checked by the very schema that checks the same thing in a request.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError

from app.core.csv_rows import BOM
from app.core.money import CURRENCY
from app.inventory.schemas import ChangeSchema
from app.merchandising.schemas import NewProductSchema, TermsSchema
from app.transfers.errors import FileRefused, FileTooLarge
from app.transfers.terms import Row, RowError

MOST_BYTES = 4 * 1024 * 1024
MOST_ERRORS = 1_000
# As csv_rows writes it, so that no spreadsheet takes a cell for a formula.
_ESCAPED = re.compile(r"'(?='*[=+\-@\t\r])")
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_BOOLEANS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: which field it is, how its cells are read, and whether an empty one is null."""

    name: str
    field: str
    read: Callable[[str], Any] = str
    is_nullable: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that can be imported."""

    columns: tuple[Column, ...]
    required: tuple[str, ...]
    most_rows: int
    key: str = "sku"


def _whole(text: str) -> Any:
    return int(text) if _WHOLE.fullmatch(text) else text


def _boolean(text: str) -> Any:
    return _BOOLEANS.get(text.lower(), text)


def _paise(text: str) -> Any:
    return {"amount": _whole(text), "currency": CURRENCY}


PRODUCT_COLUMNS = (
    Column("sku", "sku"), Column("slug", "slug"), Column("name", "name"),
    Column("description", "description"), Column("category", "category"),
    Column("metal", "metal"), Column("purity", "purity"),
    Column("gross_weight_mg", "gross_weight_mg", _whole),
    Column("net_weight_mg", "net_weight_mg", _whole),
    Column("stone", "stone", is_nullable=True), Column("huid", "huid", is_nullable=True),
    Column("hsn_code", "hsn_code"), Column("price_paise", "price", _paise),
    Column("tax_basis_points", "tax_basis_points", _whole),
    Column("is_active", "is_active", _boolean),
    Column("purchase_limit", "purchase_limit", _whole),
    Column("has_waiting_room", "has_waiting_room", _boolean),
    Column("counters", "counters", _whole),
    Column("low_stock_threshold", "low_stock_threshold", _whole),
)  # fmt: skip
STOCK_COLUMNS = (
    Column("sku", "sku"), Column("delta", "delta", _whole), Column("kind", "kind"),
    Column("reason", "reason"),
)  # fmt: skip
KINDS = {
    "products": Kind(PRODUCT_COLUMNS, ("sku",), most_rows=10_000),
    # Taken in one step in Redis and one transaction in Postgres.
    "stock": Kind(STOCK_COLUMNS, ("sku", "delta", "reason"), most_rows=1_000),
}
_NEW, _TERMS, _CHANGE = NewProductSchema(), TermsSchema(partial=True), ChangeSchema()


def decode(content: bytes) -> str:
    """
    Read a file as text.

    Raises:
        FileTooLarge: it has more than MOST_BYTES.
        FileRefused: it is not UTF-8.
    """
    if len(content) > MOST_BYTES:
        raise FileTooLarge(f"{MOST_BYTES // 1024**2} MiB are taken.")
    try:
        text = content.decode().removeprefix(BOM)
    except UnicodeDecodeError as error:
        raise FileRefused(f"It is not UTF-8 (byte {error.start}).") from None
    if "\0" in text:
        raise FileRefused("It is not text.")
    return text


def read(kind_name: str, text: str) -> list[Row]:
    """
    Read a table.

    Raises:
        FileRefused: a column is unknown, missing or there twice, a row has too many or too few
            cells, or there is no row.
        FileTooLarge: there are more rows than this kind takes.
    """
    kind = KINDS[kind_name]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        columns = _columns(kind, next(reader, []))
        for cells in reader:
            if not any(cells):
                continue
            number = len(rows) + 2
            if len(cells) != len(columns):
                raise FileRefused(f"Row {number} has {len(cells)} cells, not {len(columns)}.")
            rows.append(Row(number, dict(_filled(columns, cells))))
            if len(rows) > kind.most_rows:
                raise FileTooLarge(f"{kind.most_rows} rows are taken.")
    except csv.Error as error:
        raise FileRefused(f"Near line {reader.line_num}: {error}.") from None
    if not rows:
        raise FileRefused("It has no rows.")
    return rows


def check_product(row: Row, *, is_new: bool) -> tuple[dict[str, Any], list[RowError]]:
    """Read a row as a product, or as what changes of one."""
    if is_new:
        return _checked(_NEW, row.cells, row)
    # By its SKU it was found.
    cells = {name: value for name, value in row.cells.items() if name != "sku"}
    return _checked(_TERMS, cells, row)


def check_change(row: Row) -> tuple[dict[str, Any], list[RowError]]:
    """Read a row as a change of stock."""
    return _checked(_CHANGE, row.cells, row)


def doubles(rows: Sequence[Row]) -> list[RowError]:
    """Find the rows whose product stood on an earlier one."""
    first: dict[Any, int] = {}
    found = []
    for row in rows:
        earlier = first.setdefault(row.cells.get("sku"), row.number)
        if earlier != row.number:
            found.append(RowError(row.number, "sku", f"stands on row {earlier} already"))
    return found


def _columns(kind: Kind, names: Sequence[str]) -> list[Column]:
    known = {column.name: column for column in kind.columns}
    wanted = [name.strip() for name in names]
    problems = [f"{name or 'a column without a name'} is unknown" for name in wanted
                if name not in known]  # fmt: skip
    problems += [f"{name} is there twice" for name in known if wanted.count(name) > 1]
    problems += [f"{name} is missing" for name in kind.required if name not in wanted]
    if problems:
        columns = ", ".join(known)
        raise FileRefused(f"{'; '.join(problems)}. The columns are: {columns}.")
    return [known[name] for name in wanted]


def _filled(columns: Sequence[Column], cells: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Read the cells of a row; an empty one is left out, or null where that can be."""
    for column, cell in zip(columns, cells, strict=True):
        text = _ESCAPED.sub("", cell, count=1).strip() if cell.startswith("'") else cell.strip()
        if text:
            yield column.field, column.read(text)
        elif column.is_nullable:
            yield column.field, None


def _checked(
    schema: Schema, cells: Mapping[str, Any], row: Row
) -> tuple[dict[str, Any], list[RowError]]:
    try:
        return schema.load(dict(cells)), []
    except ValidationError as error:
        return {}, list(_errors(error.messages_dict, row.number))


def _errors(messages: Mapping[str, Any], number: int) -> Iterator[RowError]:
    names = {column.field: column.name for kind in KINDS.values() for column in kind.columns}
    for field, found in messages.items():
        column = None if field == "_schema" else names.get(field, field)
        for detail in _details(found):
            yield RowError(number, column, detail)


def _details(found: Any) -> Iterator[str]:
    """List the messages of a field, also those of the parts of an amount."""
    if isinstance(found, dict):
        for part in found.values():
            yield from _details(part)
    else:
        yield from map(str, found)
