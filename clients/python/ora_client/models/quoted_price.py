from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.money import Money
    from ..models.quoted_line import QuotedLine


T = TypeVar("T", bound="QuotedPrice")


@_attrs_define
class QuotedPrice:
    """
    Attributes:
        lines (list[QuotedLine]):
        subtotal (Money):
        discount (Money):
        tax (Money):
        shipping_fee (Money):
        total (Money):
    """

    lines: list[QuotedLine]
    subtotal: Money
    discount: Money
    tax: Money
    shipping_fee: Money
    total: Money

    def to_dict(self) -> dict[str, Any]:
        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        subtotal = self.subtotal.to_dict()

        discount = self.discount.to_dict()

        tax = self.tax.to_dict()

        shipping_fee = self.shipping_fee.to_dict()

        total = self.total.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "lines": lines,
                "subtotal": subtotal,
                "discount": discount,
                "tax": tax,
                "shipping_fee": shipping_fee,
                "total": total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415
        from ..models.quoted_line import QuotedLine  # noqa: PLC0415

        d = dict(src_dict)
        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = QuotedLine.from_dict(lines_item_data)

            lines.append(lines_item)

        subtotal = Money.from_dict(d.pop("subtotal"))

        discount = Money.from_dict(d.pop("discount"))

        tax = Money.from_dict(d.pop("tax"))

        shipping_fee = Money.from_dict(d.pop("shipping_fee"))

        total = Money.from_dict(d.pop("total"))

        quoted_price = cls(
            lines=lines,
            subtotal=subtotal,
            discount=discount,
            tax=tax,
            shipping_fee=shipping_fee,
            total=total,
        )

        return quoted_price
