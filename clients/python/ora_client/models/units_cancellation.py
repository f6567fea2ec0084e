from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.cancelled_line import CancelledLine


T = TypeVar("T", bound="UnitsCancellation")


@_attrs_define
class UnitsCancellation:
    """
    Attributes:
        reference (str): repeated, nothing more is given up Example: cancel-1.
        lines (list[CancelledLine]):
        reason (None | str | Unset):
    """

    reference: str
    lines: list[CancelledLine]
    reason: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        reference = self.reference

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reference": reference,
                "lines": lines,
            }
        )
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cancelled_line import CancelledLine  # noqa: PLC0415

        d = dict(src_dict)
        reference = d.pop("reference")

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = CancelledLine.from_dict(lines_item_data)

            lines.append(lines_item)

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        units_cancellation = cls(
            reference=reference,
            lines=lines,
            reason=reason,
        )

        return units_cancellation
