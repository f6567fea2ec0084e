from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.change_kind import ChangeKind, check_change_kind
from ..types import UNSET, Unset

T = TypeVar("T", bound="Change")


@_attrs_define
class Change:
    """
    Attributes:
        sku (str):  Example: ORA-RG-0001.
        delta (int):  Example: -1.
        reason (str):  Example: clasp broken.
        kind (ChangeKind | Unset):  Default: 'adjustment'.
    """

    sku: str
    delta: int
    reason: str
    kind: ChangeKind | Unset = "adjustment"

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        delta = self.delta

        reason = self.reason

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "delta": delta,
                "reason": reason,
            }
        )
        if kind is not UNSET:
            field_dict["kind"] = kind

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sku = d.pop("sku")

        delta = d.pop("delta")

        reason = d.pop("reason")

        _kind = d.pop("kind", UNSET)
        kind: ChangeKind | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = check_change_kind(_kind)

        change = cls(
            sku=sku,
            delta=delta,
            reason=reason,
            kind=kind,
        )

        return change
