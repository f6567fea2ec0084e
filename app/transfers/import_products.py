"""Products are imported: made, changed, or so already, by their SKU; in one transaction."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.db import transaction
from app.core.problems import ValidationFailed
from app.merchandising import products
from app.merchandising.products import Shelves
from app.transfers import tables
from app.transfers.terms import RefusedError, Row, RowError, Running

# How often it is told how far an import is.
STRIDE = 500


def import_products(running: Running) -> None:
    """
    Write all products of a file; a dry run counts what it would do.

    Raises:
        RefusedError: something is wrong with some of them, so nothing was written.
    """
    try:
        with transaction() as session:
            counts = _write(session, running)
            if running.is_dry_run:
                session.rollback()
            running.end(session, counts)
    except IntegrityError:
        # Somebody took a name between the look and the change.
        detail = "a slug or HUID was taken by another product meanwhile; import it again"
        raise RefusedError([RowError(1, None, detail)]) from None


def _write(session: Session, running: Running) -> Counter[str]:
    rows = running.rows
    errors = [*tables.doubles(rows), *_taken(session, rows)]
    known = products.lock_all(session, [str(row.cells.get("sku")) for row in rows])
    shelves = products.categories(session)
    counts: Counter[str] = Counter()
    other: list[Product] = []
    for done, row in enumerate(rows):
        if done % STRIDE == 0:
            running.go_on(done)
        product = known.get(str(row.cells.get("sku")))
        values, wrong = tables.check_product(row, is_new=product is None)
        wrong += _changed_since(running, row, product)
        errors += wrong
        if wrong:
            continue
        before = product and products.told(product)
        try:
            what = _put_and_tell(session, running, row, product, values, shelves)
        except ValidationFailed as problem:
            errors += _of_problem(row, problem)
            continue
        counts[what] += 1
        if product is not None and products.told(product) != before:
            other.append(product)
    if errors:
        raise RefusedError(errors)
    session.flush()
    if not running.is_dry_run:
        products.tell_redis(session, other)
    return counts


def _put_and_tell(
    session: Session, running: Running, row: Row, product: Product | None,
    values: Mapping[str, Any], shelves: Shelves,
) -> str:  # fmt: skip
    """Put a row; of a dry run, tell what it would change."""
    before = _before(product, values, shelves) if running.findings else {}
    what = _put(session, product, values, shelves)
    if running.findings and what != "unchanged":
        running.findings.tell(row, _cells(before, values), is_new=product is None)
    return what


def _put(
    session: Session, product: Product | None, values: Mapping[str, Any], shelves: Shelves
) -> str:
    if product is None:
        products.make(session, values, shelves)
        return "created"
    return "updated" if products.change(product, values, shelves) else "unchanged"


def _changed_since(running: Running, row: Row, product: Product | None) -> list[RowError]:
    """Keep which revision a dry run sees; refuse a row that is not as it was when it was tried."""
    sku = str(row.cells.get("sku"))
    revision = None if product is None else product.revision
    if running.findings:
        running.findings.revisions[sku] = revision
    if running.expected is None or running.expected.get(sku) == revision:
        return []
    return [RowError(row.number, None, f"{sku} was changed since the file was tried")]


def _before(
    product: Product | None, values: Mapping[str, Any], shelves: Shelves
) -> Mapping[str, Any]:
    if product is None:
        return {}
    slugs = {shelf.id: slug for slug, shelf in shelves.items()}
    return {
        name: slugs[product.category_id] if name == "category" else getattr(product, name)
        for name in values
    }


def _cells(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for column in tables.PRODUCT_COLUMNS:
        if column.field in after and column.field != "sku":
            yield column.name, before.get(column.field), after[column.field]


def _taken(session: Session, rows: Sequence[Row]) -> Iterator[RowError]:
    """Find the rows whose slug or HUID another product has, in the file or in the shop."""
    for name in ("slug", "huid"):
        wanted = {row.cells[name]: row for row in rows if row.cells.get(name)}
        column = getattr(Product, name)
        held = session.execute(select(column, Product.sku).where(column.in_(wanted))).all()
        own = {row.cells.get("sku"): row.cells.get(name) for row in rows}
        for value, sku in held:
            # Its owner keeps it, unless the file gives it another one.
            if wanted[value].cells.get("sku") != sku and own.get(sku, value) == value:
                yield RowError(wanted[value].number, name, f"belongs to {sku}")
        seen: dict[str, int] = {}
        for row in rows:
            value = row.cells.get(name)
            if value and seen.setdefault(value, row.number) != row.number:
                yield RowError(row.number, name, f"stands on row {seen[value]} already")


def _of_problem(row: Row, problem: ValidationFailed) -> Iterator[RowError]:
    found: Any = problem.members["errors"]
    for error in found:
        yield RowError(row.number, error["pointer"].removeprefix("#/"), error["detail"])
