from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="PaymentStatus")


@_attrs_define
class PaymentStatus:
    """
    Attributes:
        order_status (str):
        payment_status (str):
        expires_at (datetime.datetime):
        seconds_left (int): to pay in; 0 where it is over
    """

    order_status: str
    payment_status: str
    expires_at: datetime.datetime
    seconds_left: int

    def to_dict(self) -> dict[str, Any]:
        order_status = self.order_status

        payment_status = self.payment_status

        expires_at = self.expires_at.isoformat()

        seconds_left = self.seconds_left

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "order_status": order_status,
                "payment_status": payment_status,
                "expires_at": expires_at,
                "seconds_left": seconds_left,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        order_status = d.pop("order_status")

        payment_status = d.pop("payment_status")

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        seconds_left = d.pop("seconds_left")

        payment_status = cls(
            order_status=order_status,
            payment_status=payment_status,
            expires_at=expires_at,
            seconds_left=seconds_left,
        )

        return payment_status
