from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="CartLine")


@_attrs_define
class CartLine:
    """
    Attributes:
        sku (str):
        slug (str):
        name (str):
        quantity (int):
        unit_price (Money):
        tax (Money):
        total (Money):
        available (int): what may be bought now
        is_short (bool): fewer are available than wanted
    """

    sku: str
    slug: str
    name: str
    quantity: int
    unit_price: Money
    tax: Money
    total: Money
    available: int
    is_short: bool

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        slug = self.slug

        name = self.name

        quantity = self.quantity

        unit_price = self.unit_price.to_dict()

        tax = self.tax.to_dict()

        total = self.total.to_dict()

        available = self.available

        is_short = self.is_short

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "slug": slug,
                "name": name,
                "quantity": quantity,
                "unit_price": unit_price,
                "tax": tax,
                "total": total,
                "available": available,
                "is_short": is_short,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        sku = d.pop("sku")

        slug = d.pop("slug")

        name = d.pop("name")

        quantity = d.pop("quantity")

        unit_price = Money.from_dict(d.pop("unit_price"))

        tax = Money.from_dict(d.pop("tax"))

        total = Money.from_dict(d.pop("total"))

        available = d.pop("available")

        is_short = d.pop("is_short")

        cart_line = cls(
            sku=sku,
            slug=slug,
            name=name,
            quantity=quantity,
            unit_price=unit_price,
            tax=tax,
            total=total,
            available=available,
            is_short=is_short,
        )

        return cart_line
