from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="Report")


@_attrs_define
class Report:
    """
    Attributes:
        columns (list[str]):  Example: ['day', 'orders', 'total_paise'].
        rows (list[list[Any]]):
        sums (list[Any]):
    """

    columns: list[str]
    rows: list[list[Any]]
    sums: list[Any]

    def to_dict(self) -> dict[str, Any]:
        columns = self.columns

        rows = []
        for rows_item_data in self.rows:
            rows_item = rows_item_data

            rows.append(rows_item)

        sums = self.sums

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "columns": columns,
                "rows": rows,
                "sums": sums,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        columns = cast(list[str], d.pop("columns"))

        rows = []
        _rows = d.pop("rows")
        for rows_item_data in _rows:
            rows_item = cast(list[Any], rows_item_data)

            rows.append(rows_item)

        sums = cast(list[Any], d.pop("sums"))

        report = cls(
            columns=columns,
            rows=rows,
            sums=sums,
        )

        return report
