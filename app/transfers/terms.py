"""Words that reading a file and importing it share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session


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
class Running:
    """
    An import that is being worked.

    ``go_on`` tells how many rows are done. ``end`` ends it in a transaction, with how many rows
    do what: in the very one that makes the change, where there is one.
    """

    id: UUID
    rows: Sequence[Row]
    is_dry_run: bool
    actor: str
    go_on: Callable[[int], None]
    end: Callable[[Session, Mapping[str, int]], None]


class RefusedError(Exception):
    """The rows cannot be imported, so nothing is."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        """Tell what is wrong with them."""
        super().__init__()
        self.errors = errors
