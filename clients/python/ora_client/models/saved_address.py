from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.saved_address_state import SavedAddressState, check_saved_address_state

T = TypeVar("T", bound="SavedAddress")


@_attrs_define
class SavedAddress:
    """
    Attributes:
        name (str):  Example: Meera Iyer.
        phone (str):  Example: +919876543210.
        line1 (str):  Example: 14 Temple Street.
        line2 (None | str):  Example: Mylapore.
        city (str):  Example: Chennai.
        state (SavedAddressState):  Example: Tamil Nadu.
        pincode (str):  Example: 600004.
        id (UUID):
        country (Any):  Default: 'IN'.
    """

    name: str
    phone: str
    line1: str
    line2: None | str
    city: str
    state: SavedAddressState
    pincode: str
    id: UUID
    country: Any = "IN"

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        phone = self.phone

        line1 = self.line1

        line2: None | str
        line2 = self.line2

        city = self.city

        state: str = self.state

        pincode = self.pincode

        id = str(self.id)

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
                "id": id,
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

        state = check_saved_address_state(d.pop("state"))

        pincode = d.pop("pincode")

        id = UUID(d.pop("id"))

        country = d.pop("country")

        saved_address = cls(
            name=name,
            phone=phone,
            line1=line1,
            line2=line2,
            city=city,
            state=state,
            pincode=pincode,
            id=id,
            country=country,
        )

        return saved_address
