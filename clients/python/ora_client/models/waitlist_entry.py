from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="WaitlistEntry")


@_attrs_define
class WaitlistEntry:
    """
    Attributes:
        sku (str):
        slug (str):
        name (str):
        created_at (datetime.datetime):
        told_at (datetime.datetime | None): when you were told, once
    """

    sku: str
    slug: str
    name: str
    created_at: datetime.datetime
    told_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        slug = self.slug

        name = self.name

        created_at = self.created_at.isoformat()

        told_at: None | str
        if isinstance(self.told_at, datetime.datetime):
            told_at = self.told_at.isoformat()
        else:
            told_at = self.told_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "slug": slug,
                "name": name,
                "created_at": created_at,
                "told_at": told_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sku = d.pop("sku")

        slug = d.pop("slug")

        name = d.pop("name")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_told_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                told_at_type_0 = datetime.datetime.fromisoformat(data)

                return told_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        told_at = _parse_told_at(d.pop("told_at"))

        waitlist_entry = cls(
            sku=sku,
            slug=slug,
            name=name,
            created_at=created_at,
            told_at=told_at,
        )

        return waitlist_entry
