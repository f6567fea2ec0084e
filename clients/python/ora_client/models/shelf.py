from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="Shelf")


@_attrs_define
class Shelf:
    """
    Attributes:
        name (str):  Example: Rings.
        position (int): its place among the others
        slug (str):  Example: temple-ring.
        id (UUID):
    """

    name: str
    position: int
    slug: str
    id: UUID

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        position = self.position

        slug = self.slug

        id = str(self.id)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "position": position,
                "slug": slug,
                "id": id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        position = d.pop("position")

        slug = d.pop("slug")

        id = UUID(d.pop("id"))

        shelf = cls(
            name=name,
            position=position,
            slug=slug,
            id=id,
        )

        return shelf
