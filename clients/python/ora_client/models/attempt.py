from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="Attempt")


@_attrs_define
class Attempt:
    """
    Attributes:
        gateway_payment_id (str):  Example: pay_29QQoUBi66xm2f.
        status (str):  Example: captured.
        amount (int): paise Example: 309000.
        currency (str):
        method (None | str):
        outcome (None | str): of a capture: kept or refunded
        amount_refunded (int): paise, under way or gone
        amount_lost (int): paise, in disputes
        error_reason (None | str):
        begun_at (datetime.datetime | None):
    """

    gateway_payment_id: str
    status: str
    amount: int
    currency: str
    method: None | str
    outcome: None | str
    amount_refunded: int
    amount_lost: int
    error_reason: None | str
    begun_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        gateway_payment_id = self.gateway_payment_id

        status = self.status

        amount = self.amount

        currency = self.currency

        method: None | str
        method = self.method

        outcome: None | str
        outcome = self.outcome

        amount_refunded = self.amount_refunded

        amount_lost = self.amount_lost

        error_reason: None | str
        error_reason = self.error_reason

        begun_at: None | str
        if isinstance(self.begun_at, datetime.datetime):
            begun_at = self.begun_at.isoformat()
        else:
            begun_at = self.begun_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "gateway_payment_id": gateway_payment_id,
                "status": status,
                "amount": amount,
                "currency": currency,
                "method": method,
                "outcome": outcome,
                "amount_refunded": amount_refunded,
                "amount_lost": amount_lost,
                "error_reason": error_reason,
                "begun_at": begun_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        gateway_payment_id = d.pop("gateway_payment_id")

        status = d.pop("status")

        amount = d.pop("amount")

        currency = d.pop("currency")

        def _parse_method(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        method = _parse_method(d.pop("method"))

        def _parse_outcome(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        outcome = _parse_outcome(d.pop("outcome"))

        amount_refunded = d.pop("amount_refunded")

        amount_lost = d.pop("amount_lost")

        def _parse_error_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        error_reason = _parse_error_reason(d.pop("error_reason"))

        def _parse_begun_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                begun_at_type_0 = datetime.datetime.fromisoformat(data)

                return begun_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        begun_at = _parse_begun_at(d.pop("begun_at"))

        attempt = cls(
            gateway_payment_id=gateway_payment_id,
            status=status,
            amount=amount,
            currency=currency,
            method=method,
            outcome=outcome,
            amount_refunded=amount_refunded,
            amount_lost=amount_lost,
            error_reason=error_reason,
            begun_at=begun_at,
        )

        return attempt
