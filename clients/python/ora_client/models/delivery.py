from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.delivery_status import DeliveryStatus, check_delivery_status

T = TypeVar("T", bound="Delivery")


@_attrs_define
class Delivery:
    """
    Attributes:
        id (UUID):
        event_id (UUID): sent as webhook-id, the same at every try
        event (str):  Example: order.shipped.
        subject (UUID): what it happened to
        status (DeliveryStatus):
        tries (int): since it was written, or replayed
        due_at (datetime.datetime): when a pending one is tried next
        created_at (datetime.datetime):
        delivered_at (datetime.datetime | None):
    """

    id: UUID
    event_id: UUID
    event: str
    subject: UUID
    status: DeliveryStatus
    tries: int
    due_at: datetime.datetime
    created_at: datetime.datetime
    delivered_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        event_id = str(self.event_id)

        event = self.event

        subject = str(self.subject)

        status: str = self.status

        tries = self.tries

        due_at = self.due_at.isoformat()

        created_at = self.created_at.isoformat()

        delivered_at: None | str
        if isinstance(self.delivered_at, datetime.datetime):
            delivered_at = self.delivered_at.isoformat()
        else:
            delivered_at = self.delivered_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "event_id": event_id,
                "event": event,
                "subject": subject,
                "status": status,
                "tries": tries,
                "due_at": due_at,
                "created_at": created_at,
                "delivered_at": delivered_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        event_id = UUID(d.pop("event_id"))

        event = d.pop("event")

        subject = UUID(d.pop("subject"))

        status = check_delivery_status(d.pop("status"))

        tries = d.pop("tries")

        due_at = datetime.datetime.fromisoformat(d.pop("due_at"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_delivered_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                delivered_at_type_0 = datetime.datetime.fromisoformat(data)

                return delivered_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        delivered_at = _parse_delivered_at(d.pop("delivered_at"))

        delivery = cls(
            id=id,
            event_id=event_id,
            event=event,
            subject=subject,
            status=status,
            tries=tries,
            due_at=due_at,
            created_at=created_at,
            delivered_at=delivered_at,
        )

        return delivery
