from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Image")


@_attrs_define
class Image:
    """
    Attributes:
        url (Any):
        thumbnail_url (Any):
        alt (str):  Example: The ring from above.
        width (int):  Example: 1600.
        height (int):  Example: 1200.
    """

    url: Any
    thumbnail_url: Any
    alt: str
    width: int
    height: int

    def to_dict(self) -> dict[str, Any]:
        url = self.url

        thumbnail_url = self.thumbnail_url

        alt = self.alt

        width = self.width

        height = self.height

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "url": url,
                "thumbnail_url": thumbnail_url,
                "alt": alt,
                "width": width,
                "height": height,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        url = d.pop("url")

        thumbnail_url = d.pop("thumbnail_url")

        alt = d.pop("alt")

        width = d.pop("width")

        height = d.pop("height")

        image = cls(
            url=url,
            thumbnail_url=thumbnail_url,
            alt=alt,
            width=width,
            height=height,
        )

        return image
