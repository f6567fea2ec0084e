from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Stock")


@_attrs_define
class Stock:
    """
    Attributes:
        sku (str):
        name (str):
        on_hand (int):
        reserved (int):
        committed (int):
        available (int):
        low_stock (bool):
        low_stock_threshold (int):
        purchase_limit (int): units per customer; 0 is no limit
    """

    sku: str
    name: str
    on_hand: int
    reserved: int
    committed: int
    available: int
    low_stock: bool
    low_stock_threshold: int
    purchase_limit: int

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        name = self.name

        on_hand = self.on_hand

        reserved = self.reserved

        committed = self.committed

        available = self.available

        low_stock = self.low_stock

        low_stock_threshold = self.low_stock_threshold

        purchase_limit = self.purchase_limit

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "name": name,
                "on_hand": on_hand,
                "reserved": reserved,
                "committed": committed,
                "available": available,
                "low_stock": low_stock,
                "low_stock_threshold": low_stock_threshold,
                "purchase_limit": purchase_limit,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sku = d.pop("sku")

        name = d.pop("name")

        on_hand = d.pop("on_hand")

        reserved = d.pop("reserved")

        committed = d.pop("committed")

        available = d.pop("available")

        low_stock = d.pop("low_stock")

        low_stock_threshold = d.pop("low_stock_threshold")

        purchase_limit = d.pop("purchase_limit")

        stock = cls(
            sku=sku,
            name=name,
            on_hand=on_hand,
            reserved=reserved,
            committed=committed,
            available=available,
            low_stock=low_stock,
            low_stock_threshold=low_stock_threshold,
            purchase_limit=purchase_limit,
        )

        return stock
