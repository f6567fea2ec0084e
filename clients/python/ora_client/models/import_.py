from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.import_counts_type_0 import ImportCountsType0
    from ..models.row_error import RowError


T = TypeVar("T", bound="Import")


@_attrs_define
class Import:
    """
    Attributes:
        id (UUID):
        kind (str):
        dry_run (bool):
        status (str): waiting, running, done, or refused: then nothing was changed
        rows (int):
        rows_done (int):
        counts (ImportCountsType0 | None):  Example: {'created': 3, 'updated': 1, 'unchanged': 8}.
        errors (list[RowError]): the first thousand
        actor (str):
        created_at (datetime.datetime):
        ended_at (datetime.datetime | None):
    """

    id: UUID
    kind: str
    dry_run: bool
    status: str
    rows: int
    rows_done: int
    counts: ImportCountsType0 | None
    errors: list[RowError]
    actor: str
    created_at: datetime.datetime
    ended_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        from ..models.import_counts_type_0 import ImportCountsType0  # noqa: PLC0415

        id = str(self.id)

        kind = self.kind

        dry_run = self.dry_run

        status = self.status

        rows = self.rows

        rows_done = self.rows_done

        counts: dict[str, Any] | None
        if isinstance(self.counts, ImportCountsType0):
            counts = self.counts.to_dict()
        else:
            counts = self.counts

        errors = []
        for errors_item_data in self.errors:
            errors_item = errors_item_data.to_dict()
            errors.append(errors_item)

        actor = self.actor

        created_at = self.created_at.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "dry_run": dry_run,
                "status": status,
                "rows": rows,
                "rows_done": rows_done,
                "counts": counts,
                "errors": errors,
                "actor": actor,
                "created_at": created_at,
                "ended_at": ended_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.import_counts_type_0 import ImportCountsType0  # noqa: PLC0415
        from ..models.row_error import RowError  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        kind = d.pop("kind")

        dry_run = d.pop("dry_run")

        status = d.pop("status")

        rows = d.pop("rows")

        rows_done = d.pop("rows_done")

        def _parse_counts(data: object) -> ImportCountsType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                counts_type_0 = ImportCountsType0.from_dict(data)

                return counts_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(ImportCountsType0 | None, data)

        counts = _parse_counts(d.pop("counts"))

        errors = []
        _errors = d.pop("errors")
        for errors_item_data in _errors:
            errors_item = RowError.from_dict(errors_item_data)

            errors.append(errors_item)

        actor = d.pop("actor")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        import_ = cls(
            id=id,
            kind=kind,
            dry_run=dry_run,
            status=status,
            rows=rows,
            rows_done=rows_done,
            counts=counts,
            errors=errors,
            actor=actor,
            created_at=created_at,
            ended_at=ended_at,
        )

        return import_
