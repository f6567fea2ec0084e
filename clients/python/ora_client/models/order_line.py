from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="OrderLine")


@_attrs_define
class OrderLine:
    """
    Attributes:
        sku (str):
        name (str):
        quantity (int):
        cancelled_quantity (int): of them, given up since
        returned_quantity (int): of them, come back
        unit_price (Money):
        discount (Money):
        tax (Money):
        total (Money):
        ships_on (datetime.date | None): promised, where it was a pre-order
    """

    sku: str
    name: str
    quantity: int
    cancelled_quantity: int
    returned_quantity: int
    unit_price: Money
    discount: Money
    tax: Money
    total: Money
    ships_on: datetime.date | None

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        name = self.name

        quantity = self.quantity

        cancelled_quantity = self.cancelled_quantity

        returned_quantity = self.returned_quantity

        unit_price = self.unit_price.to_dict()

        discount = self.discount.to_dict()

        tax = self.tax.to_dict()

        total = self.total.to_dict()

        ships_on: None | str
        if isinstance(self.ships_on, datetime.date):
            ships_on = self.ships_on.isoformat()
        else:
            ships_on = self.ships_on

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "name": name,
                "quantity": quantity,
                "cancelled_quantity": cancelled_quantity,
                "returned_quantity": returned_quantity,
                "unit_price": unit_price,
                "discount": discount,
                "tax": tax,
                "total": total,
                "ships_on": ships_on,
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

        cancelled_quantity = d.pop("cancelled_quantity")

        returned_quantity = d.pop("returned_quantity")

        unit_price = Money.from_dict(d.pop("unit_price"))

        discount = Money.from_dict(d.pop("discount"))

        tax = Money.from_dict(d.pop("tax"))

        total = Money.from_dict(d.pop("total"))

        def _parse_ships_on(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ships_on_type_0 = datetime.date.fromisoformat(data)

                return ships_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        ships_on = _parse_ships_on(d.pop("ships_on"))

        order_line = cls(
            sku=sku,
            name=name,
            quantity=quantity,
            cancelled_quantity=cancelled_quantity,
            returned_quantity=returned_quantity,
            unit_price=unit_price,
            discount=discount,
            tax=tax,
            total=total,
            ships_on=ships_on,
        )

        return order_line
