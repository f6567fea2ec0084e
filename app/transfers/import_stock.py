"""Changes of stock are imported: one adjustment, whose reference is the import."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import adjustments, stock
from app.inventory.adjustments import Change
from app.inventory.errors import InsufficientStock, TooManyUnits, UnknownSku
from app.transfers import tables
from app.transfers.terms import RefusedError, RowError, Running


def import_stock(running: Running) -> None:
    """
    Book all changes of a file; a dry run tells whether they could be booked now.

    Raises:
        RefusedError: something is wrong with some of them, so nothing was booked.
    """
    errors = tables.doubles(running.rows)
    changes = []
    for row in running.rows:
        values, wrong = tables.check_change(row)
        errors += wrong
        if not wrong:
            changes.append(Change(values["sku"], values["kind"], values["delta"], values["reason"]))
    if errors:
        raise RefusedError(errors)
    try:
        if running.is_dry_run:
            _try(running, changes)
        else:
            name = f"import-{running.id}"
            adjustments.adjust(redis(), changes, reference=name, actor=running.actor)
    except (UnknownSku, InsufficientStock, TooManyUnits) as problem:
        numbers = {row.cells["sku"]: row.number for row in running.rows}
        raise RefusedError(_of_stock(numbers, problem)) from None
    with transaction() as session:
        running.end(session, {"adjusted": len(changes)})


def _try(running: Running, changes: Sequence[Change]) -> None:
    with transaction() as session:
        stock.require(session, [change.sku for change in changes])
    levels = stock.levels(redis(), [change.sku for change in changes])
    lines = [
        {"sku": c.sku, "requested": -c.delta, "available": levels[c.sku].available}
        for c in changes
        if -c.delta > levels[c.sku].available
    ]
    if lines:
        raise InsufficientStock(lines=lines)
    if running.findings is None:
        return
    for row, change in zip(running.rows, changes, strict=True):
        on_hand = levels[change.sku].on_hand
        cells = [("on_hand", on_hand, on_hand + change.delta)]
        running.findings.tell(row, cells, is_new=False)


def _of_stock(
    numbers: Mapping[str, int], problem: UnknownSku | InsufficientStock | TooManyUnits
) -> list[RowError]:
    if isinstance(problem, InsufficientStock):
        lines: Any = problem.members["lines"]
        return [
            RowError(numbers[line["sku"]], "delta", f"only {line['available']} are available")
            for line in lines
        ]
    if isinstance(problem, UnknownSku):
        skus: Any = problem.members["skus"]
        return [RowError(numbers[sku], "sku", "is no product of the shop") for sku in skus]
    return [RowError(1, "delta", str(problem))]
