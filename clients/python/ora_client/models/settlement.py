from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="Settlement")


@_attrs_define
class Settlement:
    """
    Attributes:
        gateway_settlement_id (str):  Example: setl_Rf8uva1MU98B4l.
        gateway (str):
        status (str):
        amount (int): paise
        fees (int): paise
        tax (int): paise
        utr (None | str): the bank's reference
        created_at (datetime.datetime):
    """

    gateway_settlement_id: str
    gateway: str
    status: str
    amount: int
    fees: int
    tax: int
    utr: None | str
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        gateway_settlement_id = self.gateway_settlement_id

        gateway = self.gateway

        status = self.status

        amount = self.amount

        fees = self.fees

        tax = self.tax

        utr: None | str
        utr = self.utr

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "gateway_settlement_id": gateway_settlement_id,
                "gateway": gateway,
                "status": status,
                "amount": amount,
                "fees": fees,
                "tax": tax,
                "utr": utr,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        gateway_settlement_id = d.pop("gateway_settlement_id")

        gateway = d.pop("gateway")

        status = d.pop("status")

        amount = d.pop("amount")

        fees = d.pop("fees")

        tax = d.pop("tax")

        def _parse_utr(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        utr = _parse_utr(d.pop("utr"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        settlement = cls(
            gateway_settlement_id=gateway_settlement_id,
            gateway=gateway,
            status=status,
            amount=amount,
            fees=fees,
            tax=tax,
            utr=utr,
            created_at=created_at,
        )

        return settlement
