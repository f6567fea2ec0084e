from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="AddressSnapshot")


@_attrs_define
class AddressSnapshot:
    """
    Attributes:
        name (str):
        phone (str):
        line1 (str):
        line2 (None | str):
        city (str):
        state (str):
        pincode (str):
        country (str):
    """

    name: str
    phone: str
    line1: str
    line2: None | str
    city: str
    state: str
    pincode: str
    country: str

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        phone = self.phone

        line1 = self.line1

        line2: None | str
        line2 = self.line2

        city = self.city

        state = self.state

        pincode = self.pincode

        country = self.country

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "phone": phone,
                "line1": line1,
                "line2": line2,
                "city": city,
                "state": state,
                "pincode": pincode,
                "country": country,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        phone = d.pop("phone")

        line1 = d.pop("line1")

        def _parse_line2(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        line2 = _parse_line2(d.pop("line2"))

        city = d.pop("city")

        state = d.pop("state")

        pincode = d.pop("pincode")

        country = d.pop("country")

        address_snapshot = cls(
            name=name,
            phone=phone,
            line1=line1,
            line2=line2,
            city=city,
            state=state,
            pincode=pincode,
            country=country,
        )

        return address_snapshot
