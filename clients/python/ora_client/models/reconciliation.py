from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Reconciliation")


@_attrs_define
class Reconciliation:
    """
    Attributes:
        gateway (str):  Example: razorpay.
        day (datetime.date): in India Example: 2026-11-24.
        captured (int):
        captured_at_gateway (int):
        refunded (int):
        refunded_at_gateway (int):
        foreign_payments (int): of other shops on the account
        compared_at (datetime.datetime):
    """

    gateway: str
    day: datetime.date
    captured: int
    captured_at_gateway: int
    refunded: int
    refunded_at_gateway: int
    foreign_payments: int
    compared_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        gateway = self.gateway

        day = self.day.isoformat()

        captured = self.captured

        captured_at_gateway = self.captured_at_gateway

        refunded = self.refunded

        refunded_at_gateway = self.refunded_at_gateway

        foreign_payments = self.foreign_payments

        compared_at = self.compared_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "gateway": gateway,
                "day": day,
                "captured": captured,
                "captured_at_gateway": captured_at_gateway,
                "refunded": refunded,
                "refunded_at_gateway": refunded_at_gateway,
                "foreign_payments": foreign_payments,
                "compared_at": compared_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        gateway = d.pop("gateway")

        day = datetime.date.fromisoformat(d.pop("day"))

        captured = d.pop("captured")

        captured_at_gateway = d.pop("captured_at_gateway")

        refunded = d.pop("refunded")

        refunded_at_gateway = d.pop("refunded_at_gateway")

        foreign_payments = d.pop("foreign_payments")

        compared_at = datetime.datetime.fromisoformat(d.pop("compared_at"))

        reconciliation = cls(
            gateway=gateway,
            day=day,
            captured=captured,
            captured_at_gateway=captured_at_gateway,
            refunded=refunded,
            refunded_at_gateway=refunded_at_gateway,
            foreign_payments=foreign_payments,
            compared_at=compared_at,
        )

        return reconciliation
