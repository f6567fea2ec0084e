from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.stock import Stock


T = TypeVar("T", bound="Adjusted")


@_attrs_define
class Adjusted:
    """
    Attributes:
        reference (str):
        items (list[Stock]):
    """

    reference: str
    items: list[Stock]

    def to_dict(self) -> dict[str, Any]:
        reference = self.reference

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reference": reference,
                "items": items,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.stock import Stock  # noqa: PLC0415

        d = dict(src_dict)
        reference = d.pop("reference")

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = Stock.from_dict(items_item_data)

            items.append(items_item)

        adjusted = cls(
            reference=reference,
            items=items,
        )

        return adjusted
