from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="Payment")


@_attrs_define
class Payment:
    """
    Attributes:
        payment_id (UUID):
        order_id (UUID):
        gateway (str):  Example: razorpay.
        status (str): captured is what confirms the order
        amount (int): paise Example: 309000.
        currency (str):
        verified_at (datetime.datetime):
    """

    payment_id: UUID
    order_id: UUID
    gateway: str
    status: str
    amount: int
    currency: str
    verified_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        payment_id = str(self.payment_id)

        order_id = str(self.order_id)

        gateway = self.gateway

        status = self.status

        amount = self.amount

        currency = self.currency

        verified_at = self.verified_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "payment_id": payment_id,
                "order_id": order_id,
                "gateway": gateway,
                "status": status,
                "amount": amount,
                "currency": currency,
                "verified_at": verified_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        payment_id = UUID(d.pop("payment_id"))

        order_id = UUID(d.pop("order_id"))

        gateway = d.pop("gateway")

        status = d.pop("status")

        amount = d.pop("amount")

        currency = d.pop("currency")

        verified_at = datetime.datetime.fromisoformat(d.pop("verified_at"))

        payment = cls(
            payment_id=payment_id,
            order_id=order_id,
            gateway=gateway,
            status=status,
            amount=amount,
            currency=currency,
            verified_at=verified_at,
        )

        return payment
