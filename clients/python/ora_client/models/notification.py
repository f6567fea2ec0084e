from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="Notification")


@_attrs_define
class Notification:
    """
    Attributes:
        id (UUID):
        event (str):  Example: order.shipped.
        order_id (UUID):
        title (str):
        text (str):
        created_at (datetime.datetime):
        read_at (datetime.datetime | None):
    """

    id: UUID
    event: str
    order_id: UUID
    title: str
    text: str
    created_at: datetime.datetime
    read_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        event = self.event

        order_id = str(self.order_id)

        title = self.title

        text = self.text

        created_at = self.created_at.isoformat()

        read_at: None | str
        if isinstance(self.read_at, datetime.datetime):
            read_at = self.read_at.isoformat()
        else:
            read_at = self.read_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "event": event,
                "order_id": order_id,
                "title": title,
                "text": text,
                "created_at": created_at,
                "read_at": read_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        event = d.pop("event")

        order_id = UUID(d.pop("order_id"))

        title = d.pop("title")

        text = d.pop("text")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_read_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                read_at_type_0 = datetime.datetime.fromisoformat(data)

                return read_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        read_at = _parse_read_at(d.pop("read_at"))

        notification = cls(
            id=id,
            event=event,
            order_id=order_id,
            title=title,
            text=text,
            created_at=created_at,
            read_at=read_at,
        )

        return notification
