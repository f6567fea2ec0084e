from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="ReturnStep")


@_attrs_define
class ReturnStep:
    """
    Attributes:
        status (str):  Example: approved.
        note (None | str):
        created_at (datetime.datetime):
    """

    status: str
    note: None | str
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        status = self.status

        note: None | str
        note = self.note

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "status": status,
                "note": note,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = d.pop("status")

        def _parse_note(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        note = _parse_note(d.pop("note"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        return_step = cls(
            status=status,
            note=note,
            created_at=created_at,
        )

        return return_step
