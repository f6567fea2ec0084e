from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.address_state import AddressState, check_address_state
from ..types import UNSET, Unset

T = TypeVar("T", bound="Address")


@_attrs_define
class Address:
    """
    Attributes:
        name (str):  Example: Meera Iyer.
        phone (str):  Example: +919876543210.
        line1 (str):  Example: 14 Temple Street.
        city (str):  Example: Chennai.
        state (AddressState):  Example: Tamil Nadu.
        pincode (str):  Example: 600004.
        line2 (None | str | Unset):  Example: Mylapore.
    """

    name: str
    phone: str
    line1: str
    city: str
    state: AddressState
    pincode: str
    line2: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        phone = self.phone

        line1 = self.line1

        city = self.city

        state: str = self.state

        pincode = self.pincode

        line2: None | str | Unset
        if isinstance(self.line2, Unset):
            line2 = UNSET
        else:
            line2 = self.line2

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "phone": phone,
                "line1": line1,
                "city": city,
                "state": state,
                "pincode": pincode,
            }
        )
        if line2 is not UNSET:
            field_dict["line2"] = line2

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        phone = d.pop("phone")

        line1 = d.pop("line1")

        city = d.pop("city")

        state = check_address_state(d.pop("state"))

        pincode = d.pop("pincode")

        def _parse_line2(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        line2 = _parse_line2(d.pop("line2", UNSET))

        address = cls(
            name=name,
            phone=phone,
            line1=line1,
            city=city,
            state=state,
            pincode=pincode,
            line2=line2,
        )

        return address
