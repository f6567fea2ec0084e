from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Preorder")


@_attrs_define
class Preorder:
    """
    Attributes:
        sku (str):
        name (str):
        ships_on (datetime.date):
        left (int): units that may still be promised or paid for
        promised (int): units that were paid for
    """

    sku: str
    name: str
    ships_on: datetime.date
    left: int
    promised: int

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        name = self.name

        ships_on = self.ships_on.isoformat()

        left = self.left

        promised = self.promised

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "name": name,
                "ships_on": ships_on,
                "left": left,
                "promised": promised,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sku = d.pop("sku")

        name = d.pop("name")

        ships_on = datetime.date.fromisoformat(d.pop("ships_on"))

        left = d.pop("left")

        promised = d.pop("promised")

        preorder = cls(
            sku=sku,
            name=name,
            ships_on=ships_on,
            left=left,
            promised=promised,
        )

        return preorder
