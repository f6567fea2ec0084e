from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.cart_line import CartLine
    from ..models.money import Money
    from ..models.saved_line import SavedLine


T = TypeVar("T", bound="Cart")


@_attrs_define
class Cart:
    """
    Attributes:
        lines (list[CartLine]):
        saved (list[SavedLine]): for later
        subtotal (Money):
        tax (Money):
        shipping_fee (Money):
        total (Money):
    """

    lines: list[CartLine]
    saved: list[SavedLine]
    subtotal: Money
    tax: Money
    shipping_fee: Money
    total: Money

    def to_dict(self) -> dict[str, Any]:
        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        saved = []
        for saved_item_data in self.saved:
            saved_item = saved_item_data.to_dict()
            saved.append(saved_item)

        subtotal = self.subtotal.to_dict()

        tax = self.tax.to_dict()

        shipping_fee = self.shipping_fee.to_dict()

        total = self.total.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "lines": lines,
                "saved": saved,
                "subtotal": subtotal,
                "tax": tax,
                "shipping_fee": shipping_fee,
                "total": total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.cart_line import CartLine  # noqa: PLC0415
        from ..models.money import Money  # noqa: PLC0415
        from ..models.saved_line import SavedLine  # noqa: PLC0415

        d = dict(src_dict)
        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = CartLine.from_dict(lines_item_data)

            lines.append(lines_item)

        saved = []
        _saved = d.pop("saved")
        for saved_item_data in _saved:
            saved_item = SavedLine.from_dict(saved_item_data)

            saved.append(saved_item)

        subtotal = Money.from_dict(d.pop("subtotal"))

        tax = Money.from_dict(d.pop("tax"))

        shipping_fee = Money.from_dict(d.pop("shipping_fee"))

        total = Money.from_dict(d.pop("total"))

        cart = cls(
            lines=lines,
            saved=saved,
            subtotal=subtotal,
            tax=tax,
            shipping_fee=shipping_fee,
            total=total,
        )

        return cart
