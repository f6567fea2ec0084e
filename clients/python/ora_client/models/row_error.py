from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="RowError")


@_attrs_define
class RowError:
    """
    Attributes:
        row (int): as a spreadsheet counts; the header is 1
        column (None | str):
        detail (str):
    """

    row: int
    column: None | str
    detail: str

    def to_dict(self) -> dict[str, Any]:
        row = self.row

        column: None | str
        column = self.column

        detail = self.detail

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "row": row,
                "column": column,
                "detail": detail,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        row = d.pop("row")

        def _parse_column(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        column = _parse_column(d.pop("column"))

        detail = d.pop("detail")

        row_error = cls(
            row=row,
            column=column,
            detail=detail,
        )

        return row_error
