from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.whole_delivery_status import WholeDeliveryStatus, check_whole_delivery_status

if TYPE_CHECKING:
    from ..models.delivery_try import DeliveryTry


T = TypeVar("T", bound="WholeDelivery")


@_attrs_define
class WholeDelivery:
    """
    Attributes:
        id (UUID):
        event_id (UUID): sent as webhook-id, the same at every try
        event (str):  Example: order.shipped.
        subject (UUID): what it happened to
        status (WholeDeliveryStatus):
        tries (int): since it was written, or replayed
        due_at (datetime.datetime): when a pending one is tried next
        created_at (datetime.datetime):
        delivered_at (datetime.datetime | None):
        body (str): what is sent
        log (list[DeliveryTry]):
    """

    id: UUID
    event_id: UUID
    event: str
    subject: UUID
    status: WholeDeliveryStatus
    tries: int
    due_at: datetime.datetime
    created_at: datetime.datetime
    delivered_at: datetime.datetime | None
    body: str
    log: list[DeliveryTry]

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

        body = self.body

        log = []
        for log_item_data in self.log:
            log_item = log_item_data.to_dict()
            log.append(log_item)

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
                "body": body,
                "log": log,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.delivery_try import DeliveryTry  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        event_id = UUID(d.pop("event_id"))

        event = d.pop("event")

        subject = UUID(d.pop("subject"))

        status = check_whole_delivery_status(d.pop("status"))

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

        body = d.pop("body")

        log = []
        _log = d.pop("log")
        for log_item_data in _log:
            log_item = DeliveryTry.from_dict(log_item_data)

            log.append(log_item)

        whole_delivery = cls(
            id=id,
            event_id=event_id,
            event=event,
            subject=subject,
            status=status,
            tries=tries,
            due_at=due_at,
            created_at=created_at,
            delivered_at=delivered_at,
            body=body,
            log=log,
        )

        return whole_delivery
