from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Track")


@_attrs_define
class Track:
    """
    Attributes:
        number (str):  Example: ORA-7K3M-9QXZ-41TD.
        email (str):  Example: meera@example.com.
    """

    number: str
    email: str

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        email = self.email

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "number": number,
                "email": email,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        number = d.pop("number")

        email = d.pop("email")

        track = cls(
            number=number,
            email=email,
        )

        return track
