from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="WholeEvent")


@_attrs_define
class WholeEvent:
    """
    Attributes:
        event_id (str):
        gateway (str):  Example: razorpay.
        event (str):  Example: payment.captured.
        status (str):
        tries (int): tries that failed
        note (None | str): what came of it, or why not
        received_at (datetime.datetime):
        processed_at (datetime.datetime | None):
        body (str): as it was delivered
    """

    event_id: str
    gateway: str
    event: str
    status: str
    tries: int
    note: None | str
    received_at: datetime.datetime
    processed_at: datetime.datetime | None
    body: str

    def to_dict(self) -> dict[str, Any]:
        event_id = self.event_id

        gateway = self.gateway

        event = self.event

        status = self.status

        tries = self.tries

        note: None | str
        note = self.note

        received_at = self.received_at.isoformat()

        processed_at: None | str
        if isinstance(self.processed_at, datetime.datetime):
            processed_at = self.processed_at.isoformat()
        else:
            processed_at = self.processed_at

        body = self.body

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "event_id": event_id,
                "gateway": gateway,
                "event": event,
                "status": status,
                "tries": tries,
                "note": note,
                "received_at": received_at,
                "processed_at": processed_at,
                "body": body,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        event_id = d.pop("event_id")

        gateway = d.pop("gateway")

        event = d.pop("event")

        status = d.pop("status")

        tries = d.pop("tries")

        def _parse_note(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        note = _parse_note(d.pop("note"))

        received_at = datetime.datetime.fromisoformat(d.pop("received_at"))

        def _parse_processed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                processed_at_type_0 = datetime.datetime.fromisoformat(data)

                return processed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        processed_at = _parse_processed_at(d.pop("processed_at"))

        body = d.pop("body")

        whole_event = cls(
            event_id=event_id,
            gateway=gateway,
            event=event,
            status=status,
            tries=tries,
            note=note,
            received_at=received_at,
            processed_at=processed_at,
            body=body,
        )

        return whole_event
