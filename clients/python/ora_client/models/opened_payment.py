from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.downtime import Downtime
    from ..models.prefill import Prefill


T = TypeVar("T", bound="OpenedPayment")


@_attrs_define
class OpenedPayment:
    """
    Attributes:
        payment_id (UUID):
        gateway (str):  Example: razorpay.
        amount (int): paise Example: 309000.
        currency (str):
        expires_at (datetime.datetime):
        prefill (Prefill):
        downtimes (list[Downtime]):
        key_id (str | Unset): razorpay
        razorpay_order_id (str | Unset): razorpay Example: order_9A33XWu170gUtm.
        publishable_key (str | Unset): stripe
        payment_intent (str | Unset): stripe
        client_secret (str | Unset): stripe
    """

    payment_id: UUID
    gateway: str
    amount: int
    currency: str
    expires_at: datetime.datetime
    prefill: Prefill
    downtimes: list[Downtime]
    key_id: str | Unset = UNSET
    razorpay_order_id: str | Unset = UNSET
    publishable_key: str | Unset = UNSET
    payment_intent: str | Unset = UNSET
    client_secret: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        payment_id = str(self.payment_id)

        gateway = self.gateway

        amount = self.amount

        currency = self.currency

        expires_at = self.expires_at.isoformat()

        prefill = self.prefill.to_dict()

        downtimes = []
        for downtimes_item_data in self.downtimes:
            downtimes_item = downtimes_item_data.to_dict()
            downtimes.append(downtimes_item)

        key_id = self.key_id

        razorpay_order_id = self.razorpay_order_id

        publishable_key = self.publishable_key

        payment_intent = self.payment_intent

        client_secret = self.client_secret

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "payment_id": payment_id,
                "gateway": gateway,
                "amount": amount,
                "currency": currency,
                "expires_at": expires_at,
                "prefill": prefill,
                "downtimes": downtimes,
            }
        )
        if key_id is not UNSET:
            field_dict["key_id"] = key_id
        if razorpay_order_id is not UNSET:
            field_dict["razorpay_order_id"] = razorpay_order_id
        if publishable_key is not UNSET:
            field_dict["publishable_key"] = publishable_key
        if payment_intent is not UNSET:
            field_dict["payment_intent"] = payment_intent
        if client_secret is not UNSET:
            field_dict["client_secret"] = client_secret

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.downtime import Downtime  # noqa: PLC0415
        from ..models.prefill import Prefill  # noqa: PLC0415

        d = dict(src_dict)
        payment_id = UUID(d.pop("payment_id"))

        gateway = d.pop("gateway")

        amount = d.pop("amount")

        currency = d.pop("currency")

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        prefill = Prefill.from_dict(d.pop("prefill"))

        downtimes = []
        _downtimes = d.pop("downtimes")
        for downtimes_item_data in _downtimes:
            downtimes_item = Downtime.from_dict(downtimes_item_data)

            downtimes.append(downtimes_item)

        key_id = d.pop("key_id", UNSET)

        razorpay_order_id = d.pop("razorpay_order_id", UNSET)

        publishable_key = d.pop("publishable_key", UNSET)

        payment_intent = d.pop("payment_intent", UNSET)

        client_secret = d.pop("client_secret", UNSET)

        opened_payment = cls(
            payment_id=payment_id,
            gateway=gateway,
            amount=amount,
            currency=currency,
            expires_at=expires_at,
            prefill=prefill,
            downtimes=downtimes,
            key_id=key_id,
            razorpay_order_id=razorpay_order_id,
            publishable_key=publishable_key,
            payment_intent=payment_intent,
            client_secret=client_secret,
        )

        return opened_payment
