from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="QuotedLine")


@_attrs_define
class QuotedLine:
    """
    Attributes:
        sku (str):
        name (str):
        quantity (int):
        unit_price (Money):
        discount (Money):
        tax (Money):
        total (Money):
    """

    sku: str
    name: str
    quantity: int
    unit_price: Money
    discount: Money
    tax: Money
    total: Money

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        name = self.name

        quantity = self.quantity

        unit_price = self.unit_price.to_dict()

        discount = self.discount.to_dict()

        tax = self.tax.to_dict()

        total = self.total.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "name": name,
                "quantity": quantity,
                "unit_price": unit_price,
                "discount": discount,
                "tax": tax,
                "total": total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        sku = d.pop("sku")

        name = d.pop("name")

        quantity = d.pop("quantity")

        unit_price = Money.from_dict(d.pop("unit_price"))

        discount = Money.from_dict(d.pop("discount"))

        tax = Money.from_dict(d.pop("tax"))

        total = Money.from_dict(d.pop("total"))

        quoted_line = cls(
            sku=sku,
            name=name,
            quantity=quantity,
            unit_price=unit_price,
            discount=discount,
            tax=tax,
            total=total,
        )

        return quoted_line
