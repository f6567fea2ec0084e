from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.repaired_line import RepairedLine


T = TypeVar("T", bound="Repaired")


@_attrs_define
class Repaired:
    """
    Attributes:
        reference (str): repeated, nothing more is booked Example: repair-1.
        lines (list[RepairedLine]):
    """

    reference: str
    lines: list[RepairedLine]

    def to_dict(self) -> dict[str, Any]:
        reference = self.reference

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reference": reference,
                "lines": lines,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.repaired_line import RepairedLine  # noqa: PLC0415

        d = dict(src_dict)
        reference = d.pop("reference")

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = RepairedLine.from_dict(lines_item_data)

            lines.append(lines_item)

        repaired = cls(
            reference=reference,
            lines=lines,
        )

        return repaired
