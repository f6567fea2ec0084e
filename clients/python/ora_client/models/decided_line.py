from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="DecidedLine")


@_attrs_define
class DecidedLine:
    """
    Attributes:
        sku (str):  Example: ORA-RG-0001.
        quantity (int | Unset): units that may come; without it, all of the line
        note (None | str | Unset): for the customer
        restock (bool | Unset): whether the units are meant to be on sale again
    """

    sku: str
    quantity: int | Unset = UNSET
    note: None | str | Unset = UNSET
    restock: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        quantity = self.quantity

        note: None | str | Unset
        if isinstance(self.note, Unset):
            note = UNSET
        else:
            note = self.note

        restock = self.restock

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
            }
        )
        if quantity is not UNSET:
            field_dict["quantity"] = quantity
        if note is not UNSET:
            field_dict["note"] = note
        if restock is not UNSET:
            field_dict["restock"] = restock

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sku = d.pop("sku")

        quantity = d.pop("quantity", UNSET)

        def _parse_note(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        note = _parse_note(d.pop("note", UNSET))

        restock = d.pop("restock", UNSET)

        decided_line = cls(
            sku=sku,
            quantity=quantity,
            note=note,
            restock=restock,
        )

        return decided_line
