from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="StaffImage")


@_attrs_define
class StaffImage:
    """
    Attributes:
        id (UUID):
        url (Any):
        thumbnail_url (Any):
        alt (str):
        width (int):
        height (int):
        created_at (datetime.datetime):
    """

    id: UUID
    url: Any
    thumbnail_url: Any
    alt: str
    width: int
    height: int
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        url = self.url

        thumbnail_url = self.thumbnail_url

        alt = self.alt

        width = self.width

        height = self.height

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "url": url,
                "thumbnail_url": thumbnail_url,
                "alt": alt,
                "width": width,
                "height": height,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        url = d.pop("url")

        thumbnail_url = d.pop("thumbnail_url")

        alt = d.pop("alt")

        width = d.pop("width")

        height = d.pop("height")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        staff_image = cls(
            id=id,
            url=url,
            thumbnail_url=thumbnail_url,
            alt=alt,
            width=width,
            height=height,
            created_at=created_at,
        )

        return staff_image
