from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="NewCategory")


@_attrs_define
class NewCategory:
    """
    Attributes:
        name (str):  Example: Rings.
        slug (str):  Example: temple-ring.
        position (int | Unset): its place among the others
    """

    name: str
    slug: str
    position: int | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        slug = self.slug

        position = self.position

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "slug": slug,
            }
        )
        if position is not UNSET:
            field_dict["position"] = position

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        slug = d.pop("slug")

        position = d.pop("position", UNSET)

        new_category = cls(
            name=name,
            slug=slug,
            position=position,
        )

        return new_category
