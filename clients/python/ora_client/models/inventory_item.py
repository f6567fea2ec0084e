from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="InventoryItem")


@_attrs_define
class InventoryItem:
    """
    Attributes:
        sku (str):
        available (int):
        low_stock (bool):
        on_hand (int | Unset): staff only
        reserved (int | Unset): staff only
        committed (int | Unset): staff only
    """

    sku: str
    available: int
    low_stock: bool
    on_hand: int | Unset = UNSET
    reserved: int | Unset = UNSET
    committed: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        available = self.available

        low_stock = self.low_stock

        on_hand = self.on_hand

        reserved = self.reserved

        committed = self.committed

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "available": available,
                "low_stock": low_stock,
            }
        )
        if on_hand is not UNSET:
            field_dict["on_hand"] = on_hand
        if reserved is not UNSET:
            field_dict["reserved"] = reserved
        if committed is not UNSET:
            field_dict["committed"] = committed

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sku = d.pop("sku")

        available = d.pop("available")

        low_stock = d.pop("low_stock")

        on_hand = d.pop("on_hand", UNSET)

        reserved = d.pop("reserved", UNSET)

        committed = d.pop("committed", UNSET)

        inventory_item = cls(
            sku=sku,
            available=available,
            low_stock=low_stock,
            on_hand=on_hand,
            reserved=reserved,
            committed=committed,
        )

        return inventory_item
