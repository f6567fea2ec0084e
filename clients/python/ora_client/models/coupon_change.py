from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="CouponChange")


@_attrs_define
class CouponChange:
    """
    Attributes:
        revision (int): that you read
        description (None | str | Unset):
        basis_points (int | None | Unset): a share of the subtotal; 1000 is 10 % Example: 1000.
        amount (Money | None | Unset): or so much, before tax
        minimum_subtotal (Money | Unset):
        maximum_discount (Money | None | Unset):
        starts_at (datetime.datetime | Unset):
        ends_at (datetime.datetime | None | Unset):
        usage_limit (int | None | Unset): for everybody
        usage_limit_per_customer (int | None | Unset):
        is_active (bool | Unset):
    """

    revision: int
    description: None | str | Unset = UNSET
    basis_points: int | None | Unset = UNSET
    amount: Money | None | Unset = UNSET
    minimum_subtotal: Money | Unset = UNSET
    maximum_discount: Money | None | Unset = UNSET
    starts_at: datetime.datetime | Unset = UNSET
    ends_at: datetime.datetime | None | Unset = UNSET
    usage_limit: int | None | Unset = UNSET
    usage_limit_per_customer: int | None | Unset = UNSET
    is_active: bool | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.money import Money  # noqa: PLC0415

        revision = self.revision

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        basis_points: int | None | Unset
        if isinstance(self.basis_points, Unset):
            basis_points = UNSET
        else:
            basis_points = self.basis_points

        amount: dict[str, Any] | None | Unset
        if isinstance(self.amount, Unset):
            amount = UNSET
        elif isinstance(self.amount, Money):
            amount = self.amount.to_dict()
        else:
            amount = self.amount

        minimum_subtotal: dict[str, Any] | Unset = UNSET
        if not isinstance(self.minimum_subtotal, Unset):
            minimum_subtotal = self.minimum_subtotal.to_dict()

        maximum_discount: dict[str, Any] | None | Unset
        if isinstance(self.maximum_discount, Unset):
            maximum_discount = UNSET
        elif isinstance(self.maximum_discount, Money):
            maximum_discount = self.maximum_discount.to_dict()
        else:
            maximum_discount = self.maximum_discount

        starts_at: str | Unset = UNSET
        if not isinstance(self.starts_at, Unset):
            starts_at = self.starts_at.isoformat()

        ends_at: None | str | Unset
        if isinstance(self.ends_at, Unset):
            ends_at = UNSET
        elif isinstance(self.ends_at, datetime.datetime):
            ends_at = self.ends_at.isoformat()
        else:
            ends_at = self.ends_at

        usage_limit: int | None | Unset
        if isinstance(self.usage_limit, Unset):
            usage_limit = UNSET
        else:
            usage_limit = self.usage_limit

        usage_limit_per_customer: int | None | Unset
        if isinstance(self.usage_limit_per_customer, Unset):
            usage_limit_per_customer = UNSET
        else:
            usage_limit_per_customer = self.usage_limit_per_customer

        is_active = self.is_active

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "revision": revision,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if basis_points is not UNSET:
            field_dict["basis_points"] = basis_points
        if amount is not UNSET:
            field_dict["amount"] = amount
        if minimum_subtotal is not UNSET:
            field_dict["minimum_subtotal"] = minimum_subtotal
        if maximum_discount is not UNSET:
            field_dict["maximum_discount"] = maximum_discount
        if starts_at is not UNSET:
            field_dict["starts_at"] = starts_at
        if ends_at is not UNSET:
            field_dict["ends_at"] = ends_at
        if usage_limit is not UNSET:
            field_dict["usage_limit"] = usage_limit
        if usage_limit_per_customer is not UNSET:
            field_dict["usage_limit_per_customer"] = usage_limit_per_customer
        if is_active is not UNSET:
            field_dict["is_active"] = is_active

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        revision = d.pop("revision")

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_basis_points(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        basis_points = _parse_basis_points(d.pop("basis_points", UNSET))

        def _parse_amount(data: object) -> Money | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                amount_type_0 = Money.from_dict(data)

                return amount_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Money | None | Unset, data)

        amount = _parse_amount(d.pop("amount", UNSET))

        _minimum_subtotal = d.pop("minimum_subtotal", UNSET)
        minimum_subtotal: Money | Unset
        if isinstance(_minimum_subtotal, Unset):
            minimum_subtotal = UNSET
        else:
            minimum_subtotal = Money.from_dict(_minimum_subtotal)

        def _parse_maximum_discount(data: object) -> Money | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                maximum_discount_type_0 = Money.from_dict(data)

                return maximum_discount_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Money | None | Unset, data)

        maximum_discount = _parse_maximum_discount(d.pop("maximum_discount", UNSET))

        _starts_at = d.pop("starts_at", UNSET)
        starts_at: datetime.datetime | Unset
        if isinstance(_starts_at, Unset):
            starts_at = UNSET
        else:
            starts_at = datetime.datetime.fromisoformat(_starts_at)

        def _parse_ends_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ends_at_type_0 = datetime.datetime.fromisoformat(data)

                return ends_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        ends_at = _parse_ends_at(d.pop("ends_at", UNSET))

        def _parse_usage_limit(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        usage_limit = _parse_usage_limit(d.pop("usage_limit", UNSET))

        def _parse_usage_limit_per_customer(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        usage_limit_per_customer = _parse_usage_limit_per_customer(
            d.pop("usage_limit_per_customer", UNSET)
        )

        is_active = d.pop("is_active", UNSET)

        coupon_change = cls(
            revision=revision,
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
        )

        return coupon_change
