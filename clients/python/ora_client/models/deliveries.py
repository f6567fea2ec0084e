from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="Deliveries")


@_attrs_define
class Deliveries:
    """
    Attributes:
        delivery_ids (list[UUID]):
    """

    delivery_ids: list[UUID]

    def to_dict(self) -> dict[str, Any]:
        delivery_ids = []
        for delivery_ids_item_data in self.delivery_ids:
            delivery_ids_item = str(delivery_ids_item_data)
            delivery_ids.append(delivery_ids_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "delivery_ids": delivery_ids,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        delivery_ids = []
        _delivery_ids = d.pop("delivery_ids")
        for delivery_ids_item_data in _delivery_ids:
            delivery_ids_item = UUID(delivery_ids_item_data)

            delivery_ids.append(delivery_ids_item)

        deliveries = cls(
            delivery_ids=delivery_ids,
        )

        return deliveries
