from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="Refund")


@_attrs_define
class Refund:
    """
    Attributes:
        id (UUID):
        gateway_payment_id (str):  Example: pay_29QQoUBi66xm2f.
        gateway_refund_id (None | str):  Example: rfnd_FP8QHiV938haTz.
        amount (int): paise Example: 309000.
        status (str):  Example: pending.
        reason (str):
        actor (str): who wanted it
        is_ours (bool): false: made at the gateway by hand
        speed (str): as it was asked for
        speed_processed (None | str): as it is, in the gateway's word
        polls (int): how often the gateway was asked again
        last_error (None | str): why it has not got on
        created_at (datetime.datetime):
        ended_at (datetime.datetime | None):
    """

    id: UUID
    gateway_payment_id: str
    gateway_refund_id: None | str
    amount: int
    status: str
    reason: str
    actor: str
    is_ours: bool
    speed: str
    speed_processed: None | str
    polls: int
    last_error: None | str
    created_at: datetime.datetime
    ended_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        gateway_payment_id = self.gateway_payment_id

        gateway_refund_id: None | str
        gateway_refund_id = self.gateway_refund_id

        amount = self.amount

        status = self.status

        reason = self.reason

        actor = self.actor

        is_ours = self.is_ours

        speed = self.speed

        speed_processed: None | str
        speed_processed = self.speed_processed

        polls = self.polls

        last_error: None | str
        last_error = self.last_error

        created_at = self.created_at.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "gateway_payment_id": gateway_payment_id,
                "gateway_refund_id": gateway_refund_id,
                "amount": amount,
                "status": status,
                "reason": reason,
                "actor": actor,
                "is_ours": is_ours,
                "speed": speed,
                "speed_processed": speed_processed,
                "polls": polls,
                "last_error": last_error,
                "created_at": created_at,
                "ended_at": ended_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        gateway_payment_id = d.pop("gateway_payment_id")

        def _parse_gateway_refund_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        gateway_refund_id = _parse_gateway_refund_id(d.pop("gateway_refund_id"))

        amount = d.pop("amount")

        status = d.pop("status")

        reason = d.pop("reason")

        actor = d.pop("actor")

        is_ours = d.pop("is_ours")

        speed = d.pop("speed")

        def _parse_speed_processed(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        speed_processed = _parse_speed_processed(d.pop("speed_processed"))

        polls = d.pop("polls")

        def _parse_last_error(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        last_error = _parse_last_error(d.pop("last_error"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        refund = cls(
            id=id,
            gateway_payment_id=gateway_payment_id,
            gateway_refund_id=gateway_refund_id,
            amount=amount,
            status=status,
            reason=reason,
            actor=actor,
            is_ours=is_ours,
            speed=speed,
            speed_processed=speed_processed,
            polls=polls,
            last_error=last_error,
            created_at=created_at,
            ended_at=ended_at,
        )

        return refund
