from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="NewPreorder")


@_attrs_define
class NewPreorder:
    """
    Attributes:
        ships_on (datetime.date):  Example: 2027-01-31.
        sku (str):  Example: ORA-RG-0001.
        limit (int): units, and no more
    """

    ships_on: datetime.date
    sku: str
    limit: int

    def to_dict(self) -> dict[str, Any]:
        ships_on = self.ships_on.isoformat()

        sku = self.sku

        limit = self.limit

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "ships_on": ships_on,
                "sku": sku,
                "limit": limit,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        ships_on = datetime.date.fromisoformat(d.pop("ships_on"))

        sku = d.pop("sku")

        limit = d.pop("limit")

        new_preorder = cls(
            ships_on=ships_on,
            sku=sku,
            limit=limit,
        )

        return new_preorder
