from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ShipsOn")


@_attrs_define
class ShipsOn:
    """
    Attributes:
        ships_on (datetime.date):  Example: 2027-01-31.
    """

    ships_on: datetime.date

    def to_dict(self) -> dict[str, Any]:
        ships_on = self.ships_on.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "ships_on": ships_on,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        ships_on = datetime.date.fromisoformat(d.pop("ships_on"))

        ships_on = cls(
            ships_on=ships_on,
        )

        return ships_on
