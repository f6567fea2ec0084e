from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.change import Change


T = TypeVar("T", bound="Adjustment")


@_attrs_define
class Adjustment:
    """
    Attributes:
        reference (str):  Example: count-2026-11-24.
        lines (list[Change]):
    """

    reference: str
    lines: list[Change]

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
        from ..models.change import Change  # noqa: PLC0415

        d = dict(src_dict)
        reference = d.pop("reference")

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = Change.from_dict(lines_item_data)

            lines.append(lines_item)

        adjustment = cls(
            reference=reference,
            lines=lines,
        )

        return adjustment
