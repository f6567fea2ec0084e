from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="Verification")


@_attrs_define
class Verification:
    """
    Attributes:
        razorpay_order_id (str | Unset):
        razorpay_payment_id (str | Unset):
        razorpay_signature (str | Unset):
        payment_intent (str | Unset):
        payment_intent_client_secret (str | Unset):
    """

    razorpay_order_id: str | Unset = UNSET
    razorpay_payment_id: str | Unset = UNSET
    razorpay_signature: str | Unset = UNSET
    payment_intent: str | Unset = UNSET
    payment_intent_client_secret: str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        razorpay_order_id = self.razorpay_order_id

        razorpay_payment_id = self.razorpay_payment_id

        razorpay_signature = self.razorpay_signature

        payment_intent = self.payment_intent

        payment_intent_client_secret = self.payment_intent_client_secret

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if razorpay_order_id is not UNSET:
            field_dict["razorpay_order_id"] = razorpay_order_id
        if razorpay_payment_id is not UNSET:
            field_dict["razorpay_payment_id"] = razorpay_payment_id
        if razorpay_signature is not UNSET:
            field_dict["razorpay_signature"] = razorpay_signature
        if payment_intent is not UNSET:
            field_dict["payment_intent"] = payment_intent
        if payment_intent_client_secret is not UNSET:
            field_dict["payment_intent_client_secret"] = payment_intent_client_secret

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        razorpay_order_id = d.pop("razorpay_order_id", UNSET)

        razorpay_payment_id = d.pop("razorpay_payment_id", UNSET)

        razorpay_signature = d.pop("razorpay_signature", UNSET)

        payment_intent = d.pop("payment_intent", UNSET)

        payment_intent_client_secret = d.pop("payment_intent_client_secret", UNSET)

        verification = cls(
            razorpay_order_id=razorpay_order_id,
            razorpay_payment_id=razorpay_payment_id,
            razorpay_signature=razorpay_signature,
            payment_intent=payment_intent,
            payment_intent_client_secret=payment_intent_client_secret,
        )

        return verification
