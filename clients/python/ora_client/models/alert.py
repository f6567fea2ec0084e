from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="Alert")


@_attrs_define
class Alert:
    """
    Attributes:
        id (UUID):
        kind (str):  Example: refund_stuck.
        subject (str): the id of what it is about
        detail (str):
        created_at (datetime.datetime):
        closed_at (datetime.datetime | None):
        closed_by (None | str):
    """

    id: UUID
    kind: str
    subject: str
    detail: str
    created_at: datetime.datetime
    closed_at: datetime.datetime | None
    closed_by: None | str

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        kind = self.kind

        subject = self.subject

        detail = self.detail

        created_at = self.created_at.isoformat()

        closed_at: None | str
        if isinstance(self.closed_at, datetime.datetime):
            closed_at = self.closed_at.isoformat()
        else:
            closed_at = self.closed_at

        closed_by: None | str
        closed_by = self.closed_by

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "subject": subject,
                "detail": detail,
                "created_at": created_at,
                "closed_at": closed_at,
                "closed_by": closed_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        kind = d.pop("kind")

        subject = d.pop("subject")

        detail = d.pop("detail")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_closed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                closed_at_type_0 = datetime.datetime.fromisoformat(data)

                return closed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        closed_at = _parse_closed_at(d.pop("closed_at"))

        def _parse_closed_by(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        closed_by = _parse_closed_by(d.pop("closed_by"))

        alert = cls(
            id=id,
            kind=kind,
            subject=subject,
            detail=detail,
            created_at=created_at,
            closed_at=closed_at,
            closed_by=closed_by,
        )

        return alert
