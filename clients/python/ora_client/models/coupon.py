from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="Coupon")


@_attrs_define
class Coupon:
    """
    Attributes:
        description (None | str):
        basis_points (int | None): a share of the subtotal; 1000 is 10 % Example: 1000.
        amount (Money | None): or so much, before tax
        minimum_subtotal (Money):
        maximum_discount (Money | None):
        starts_at (datetime.datetime):
        ends_at (datetime.datetime | None):
        usage_limit (int | None): for everybody
        usage_limit_per_customer (int | None):
        is_active (bool):
        code (str):  Example: DIWALI10.
        uses (int): by orders that are pending or were paid
        revision (int):
        created_at (datetime.datetime):
    """

    description: None | str
    basis_points: int | None
    amount: Money | None
    minimum_subtotal: Money
    maximum_discount: Money | None
    starts_at: datetime.datetime
    ends_at: datetime.datetime | None
    usage_limit: int | None
    usage_limit_per_customer: int | None
    is_active: bool
    code: str
    uses: int
    revision: int
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        from ..models.money import Money  # noqa: PLC0415

        description: None | str
        description = self.description

        basis_points: int | None
        basis_points = self.basis_points

        amount: dict[str, Any] | None
        if isinstance(self.amount, Money):
            amount = self.amount.to_dict()
        else:
            amount = self.amount

        minimum_subtotal = self.minimum_subtotal.to_dict()

        maximum_discount: dict[str, Any] | None
        if isinstance(self.maximum_discount, Money):
            maximum_discount = self.maximum_discount.to_dict()
        else:
            maximum_discount = self.maximum_discount

        starts_at = self.starts_at.isoformat()

        ends_at: None | str
        if isinstance(self.ends_at, datetime.datetime):
            ends_at = self.ends_at.isoformat()
        else:
            ends_at = self.ends_at

        usage_limit: int | None
        usage_limit = self.usage_limit

        usage_limit_per_customer: int | None
        usage_limit_per_customer = self.usage_limit_per_customer

        is_active = self.is_active

        code = self.code

        uses = self.uses

        revision = self.revision

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "description": description,
                "basis_points": basis_points,
                "amount": amount,
                "minimum_subtotal": minimum_subtotal,
                "maximum_discount": maximum_discount,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "usage_limit": usage_limit,
                "usage_limit_per_customer": usage_limit_per_customer,
                "is_active": is_active,
                "code": code,
                "uses": uses,
                "revision": revision,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_description(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        description = _parse_description(d.pop("description"))

        def _parse_basis_points(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        basis_points = _parse_basis_points(d.pop("basis_points"))

        def _parse_amount(data: object) -> Money | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                amount_type_0 = Money.from_dict(data)

                return amount_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Money | None, data)

        amount = _parse_amount(d.pop("amount"))

        minimum_subtotal = Money.from_dict(d.pop("minimum_subtotal"))

        def _parse_maximum_discount(data: object) -> Money | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                maximum_discount_type_0 = Money.from_dict(data)

                return maximum_discount_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Money | None, data)

        maximum_discount = _parse_maximum_discount(d.pop("maximum_discount"))

        starts_at = datetime.datetime.fromisoformat(d.pop("starts_at"))

        def _parse_ends_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ends_at_type_0 = datetime.datetime.fromisoformat(data)

                return ends_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ends_at = _parse_ends_at(d.pop("ends_at"))

        def _parse_usage_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        usage_limit = _parse_usage_limit(d.pop("usage_limit"))

        def _parse_usage_limit_per_customer(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        usage_limit_per_customer = _parse_usage_limit_per_customer(
            d.pop("usage_limit_per_customer")
        )

        is_active = d.pop("is_active")

        code = d.pop("code")

        uses = d.pop("uses")

        revision = d.pop("revision")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        coupon = cls(
            description=description,
            basis_points=basis_points,
            amount=amount,
            minimum_subtotal=minimum_subtotal,
            maximum_discount=maximum_discount,
            starts_at=starts_at,
            ends_at=ends_at,
            usage_limit=usage_limit,
            usage_limit_per_customer=usage_limit_per_customer,
            is_active=is_active,
            code=code,
            uses=uses,
            revision=revision,
            created_at=created_at,
        )

        return coupon
