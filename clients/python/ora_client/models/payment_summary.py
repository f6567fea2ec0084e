from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="PaymentSummary")


@_attrs_define
class PaymentSummary:
    """
    Attributes:
        id (UUID):
        order_id (UUID):
        gateway (str):  Example: razorpay.
        gateway_order_id (None | str):
        amount (int): paise Example: 309000.
        currency (str):
        status (str):
        verified_at (datetime.datetime | None):
        created_at (datetime.datetime):
    """

    id: UUID
    order_id: UUID
    gateway: str
    gateway_order_id: None | str
    amount: int
    currency: str
    status: str
    verified_at: datetime.datetime | None
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        order_id = str(self.order_id)

        gateway = self.gateway

        gateway_order_id: None | str
        gateway_order_id = self.gateway_order_id

        amount = self.amount

        currency = self.currency

        status = self.status

        verified_at: None | str
        if isinstance(self.verified_at, datetime.datetime):
            verified_at = self.verified_at.isoformat()
        else:
            verified_at = self.verified_at

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "order_id": order_id,
                "gateway": gateway,
                "gateway_order_id": gateway_order_id,
                "amount": amount,
                "currency": currency,
                "status": status,
                "verified_at": verified_at,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        order_id = UUID(d.pop("order_id"))

        gateway = d.pop("gateway")

        def _parse_gateway_order_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        gateway_order_id = _parse_gateway_order_id(d.pop("gateway_order_id"))

        amount = d.pop("amount")

        currency = d.pop("currency")

        status = d.pop("status")

        def _parse_verified_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                verified_at_type_0 = datetime.datetime.fromisoformat(data)

                return verified_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        verified_at = _parse_verified_at(d.pop("verified_at"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        payment_summary = cls(
            id=id,
            order_id=order_id,
            gateway=gateway,
            gateway_order_id=gateway_order_id,
            amount=amount,
            currency=currency,
            status=status,
            verified_at=verified_at,
            created_at=created_at,
        )

        return payment_summary
