from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Day")


@_attrs_define
class Day:
    """
    Attributes:
        gateway (str):  Example: razorpay.
        day (datetime.date): in India Example: 2026-11-24.
    """

    gateway: str
    day: datetime.date

    def to_dict(self) -> dict[str, Any]:
        gateway = self.gateway

        day = self.day.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "gateway": gateway,
                "day": day,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        gateway = d.pop("gateway")

        day = datetime.date.fromisoformat(d.pop("day"))

        day = cls(
            gateway=gateway,
            day=day,
        )

        return day
