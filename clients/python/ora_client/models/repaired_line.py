from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.repaired_line_disposition import (
    RepairedLineDisposition,
    check_repaired_line_disposition,
)

T = TypeVar("T", bound="RepairedLine")


@_attrs_define
class RepairedLine:
    """
    Attributes:
        sku (str):  Example: ORA-RG-0001.
        quantity (int):
        disposition (RepairedLineDisposition):
    """

    sku: str
    quantity: int
    disposition: RepairedLineDisposition

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        quantity = self.quantity

        disposition: str = self.disposition

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "quantity": quantity,
                "disposition": disposition,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sku = d.pop("sku")

        quantity = d.pop("quantity")

        disposition = check_repaired_line_disposition(d.pop("disposition"))

        repaired_line = cls(
            sku=sku,
            quantity=quantity,
            disposition=disposition,
        )

        return repaired_line
