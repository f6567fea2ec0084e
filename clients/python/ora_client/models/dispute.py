from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="Dispute")


@_attrs_define
class Dispute:
    """
    Attributes:
        gateway_dispute_id (str):  Example: disp_EsIAlDcoUr8CaQ.
        gateway_payment_id (str):  Example: pay_29QQoUBi66xm2f.
        status (str):  Example: open.
        amount (int): paise Example: 309000.
        amount_deducted (int): paise
        currency (str):
        phase (None | str):
        reason (None | str):
        respond_by (datetime.datetime | None):
        created_at (datetime.datetime):
    """

    gateway_dispute_id: str
    gateway_payment_id: str
    status: str
    amount: int
    amount_deducted: int
    currency: str
    phase: None | str
    reason: None | str
    respond_by: datetime.datetime | None
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        gateway_dispute_id = self.gateway_dispute_id

        gateway_payment_id = self.gateway_payment_id

        status = self.status

        amount = self.amount

        amount_deducted = self.amount_deducted

        currency = self.currency

        phase: None | str
        phase = self.phase

        reason: None | str
        reason = self.reason

        respond_by: None | str
        if isinstance(self.respond_by, datetime.datetime):
            respond_by = self.respond_by.isoformat()
        else:
            respond_by = self.respond_by

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "gateway_dispute_id": gateway_dispute_id,
                "gateway_payment_id": gateway_payment_id,
                "status": status,
                "amount": amount,
                "amount_deducted": amount_deducted,
                "currency": currency,
                "phase": phase,
                "reason": reason,
                "respond_by": respond_by,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        gateway_dispute_id = d.pop("gateway_dispute_id")

        gateway_payment_id = d.pop("gateway_payment_id")

        status = d.pop("status")

        amount = d.pop("amount")

        amount_deducted = d.pop("amount_deducted")

        currency = d.pop("currency")

        def _parse_phase(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        phase = _parse_phase(d.pop("phase"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_respond_by(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                respond_by_type_0 = datetime.datetime.fromisoformat(data)

                return respond_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        respond_by = _parse_respond_by(d.pop("respond_by"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        dispute = cls(
            gateway_dispute_id=gateway_dispute_id,
            gateway_payment_id=gateway_payment_id,
            status=status,
            amount=amount,
            amount_deducted=amount_deducted,
            currency=currency,
            phase=phase,
            reason=reason,
            respond_by=respond_by,
            created_at=created_at,
        )

        return dispute
