from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Arrival")


@_attrs_define
class Arrival:
    """
    Attributes:
        received (int):
        reference (str):  Example: delivery-2027-0012.
    """

    received: int
    reference: str

    def to_dict(self) -> dict[str, Any]:
        received = self.received

        reference = self.reference

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "received": received,
                "reference": reference,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        received = d.pop("received")

        reference = d.pop("reference")

        arrival = cls(
            received=received,
            reference=reference,
        )

        return arrival
