from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PaymentOpening")


@_attrs_define
class PaymentOpening:
    """
    Attributes:
        gateway (None | str | Unset): one that the shop offers; without it the shop's default Example: razorpay.
    """

    gateway: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        gateway: None | str | Unset
        if isinstance(self.gateway, Unset):
            gateway = UNSET
        else:
            gateway = self.gateway

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if gateway is not UNSET:
            field_dict["gateway"] = gateway

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_gateway(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        gateway = _parse_gateway(d.pop("gateway", UNSET))

        payment_opening = cls(
            gateway=gateway,
        )

        return payment_opening
