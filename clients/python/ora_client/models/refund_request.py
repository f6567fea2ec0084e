from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.refund_request_speed_type_1 import (
    RefundRequestSpeedType1,
    check_refund_request_speed_type_1,
)
from ..models.refund_request_speed_type_2_type_1 import (
    RefundRequestSpeedType2Type1,
    check_refund_request_speed_type_2_type_1,
)
from ..models.refund_request_speed_type_3_type_1 import (
    RefundRequestSpeedType3Type1,
    check_refund_request_speed_type_3_type_1,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="RefundRequest")


@_attrs_define
class RefundRequest:
    """
    Attributes:
        reason (str):
        reference (str):  Example: return-2026-0042.
        amount (int | None | Unset): paise; without it all that is left Example: 50000.
        speed (None | RefundRequestSpeedType1 | RefundRequestSpeedType2Type1 | RefundRequestSpeedType3Type1 | Unset):
    """

    reason: str
    reference: str
    amount: int | None | Unset = UNSET
    speed: (
        None
        | RefundRequestSpeedType1
        | RefundRequestSpeedType2Type1
        | RefundRequestSpeedType3Type1
        | Unset
    ) = UNSET

    def to_dict(self) -> dict[str, Any]:
        reason = self.reason

        reference = self.reference

        amount: int | None | Unset
        if isinstance(self.amount, Unset):
            amount = UNSET
        else:
            amount = self.amount

        speed: None | str | Unset
        if isinstance(self.speed, Unset):
            speed = UNSET
        elif isinstance(self.speed, str):
            speed = self.speed
        elif isinstance(self.speed, str):
            speed = self.speed
        elif isinstance(self.speed, str):
            speed = self.speed
        else:
            speed = self.speed

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reason": reason,
                "reference": reference,
            }
        )
        if amount is not UNSET:
            field_dict["amount"] = amount
        if speed is not UNSET:
            field_dict["speed"] = speed

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        reason = d.pop("reason")

        reference = d.pop("reference")

        def _parse_amount(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        amount = _parse_amount(d.pop("amount", UNSET))

        def _parse_speed(
            data: object,
        ) -> (
            None
            | RefundRequestSpeedType1
            | RefundRequestSpeedType2Type1
            | RefundRequestSpeedType3Type1
            | Unset
        ):
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                speed_type_1 = check_refund_request_speed_type_1(data)

                return speed_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                speed_type_2_type_1 = check_refund_request_speed_type_2_type_1(data)

                return speed_type_2_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, str):
                    raise TypeError()
                speed_type_3_type_1 = check_refund_request_speed_type_3_type_1(data)

                return speed_type_3_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(
                None
                | RefundRequestSpeedType1
                | RefundRequestSpeedType2Type1
                | RefundRequestSpeedType3Type1
                | Unset,
                data,
            )

        speed = _parse_speed(d.pop("speed", UNSET))

        refund_request = cls(
            reason=reason,
            reference=reference,
            amount=amount,
            speed=speed,
        )

        return refund_request
