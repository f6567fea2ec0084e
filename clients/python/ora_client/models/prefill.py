from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="Prefill")


@_attrs_define
class Prefill:
    """
    Attributes:
        name (str):
        email (str):
        contact (None | str):
    """

    name: str
    email: str
    contact: None | str

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        email = self.email

        contact: None | str
        contact = self.contact

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "email": email,
                "contact": contact,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        email = d.pop("email")

        def _parse_contact(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        contact = _parse_contact(d.pop("contact"))

        prefill = cls(
            name=name,
            email=email,
            contact=contact,
        )

        return prefill
