"""Words that reading a file and importing it share."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

MOST_CHANGES = 1_000
# Of a text that changes, as much as tells which one it is.
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where it stands in the file, and its cells by field; row 1 is the header."""

    number: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a cell, or with a row as a whole."""

    row: int
    column: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Findings:
    """
    What a dry run would change, the first MOST_CHANGES rows, told as the file's columns.

    ``revisions`` are those of all its products; of one that would be made it is None.
    """

    changes: list[dict[str, Any]] = field(default_factory=list)
    revisions: dict[str, int | None] = field(default_factory=dict)

    def tell(self, row: Row, cells: Iterable[tuple[str, Any, Any]], *, is_new: bool) -> None:
        """Take what a row would change: columns with what was in them and what would be."""
        if len(self.changes) >= MOST_CHANGES:
            return
        told = [(name, _short(old), _short(new)) for name, old, new in cells if old != new]
        self.changes.append(
            {"row": row.number, "sku": row.cells["sku"], "is_new": is_new, "cells": told}
        )


@dataclass(frozen=True, slots=True)
class Running:
    """
    An import that is being worked.

    ``findings`` take what a dry run finds. ``expected`` are the revisions that products had when
    the file was tried, where it was: what changed since is not overwritten.
    ``go_on`` tells how many rows are done. ``end`` ends it in a transaction, with how many rows
    do what: in the very one that makes the change, where there is one.
    """

    id: UUID
    rows: Sequence[Row]
    is_dry_run: bool
    actor: str
    go_on: Callable[[int], None]
    end: Callable[[Session, Mapping[str, int]], None]
    findings: Findings | None = None
    expected: Mapping[str, int | None] | None = None


class RefusedError(Exception):
    """The rows cannot be imported, so nothing is."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        """Tell what is wrong with them."""
        super().__init__()
        self.errors = errors


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
