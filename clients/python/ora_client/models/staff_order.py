from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.address_snapshot import AddressSnapshot
    from ..models.money import Money
    from ..models.order_line import OrderLine


T = TypeVar("T", bound="StaffOrder")


@_attrs_define
class StaffOrder:
    """
    Attributes:
        id (UUID):
        number (str):  Example: ORA-7K3M-9QXZ-41TD.
        status (str):  Example: pending.
        payment_status (str):  Example: pending.
        pays_on_delivery (bool):
        lines (list[OrderLine]):
        subtotal (Money):
        discount (Money):
        tax (Money):
        shipping_fee (Money):
        total (Money):
        coupon_code (None | str):
        shipping_address (AddressSnapshot):
        billing_address (AddressSnapshot):
        notes (None | str):
        courier (None | str):
        tracking_number (None | str):
        expires_at (datetime.datetime): until when a pending order's units are held
        created_at (datetime.datetime):
        customer_id (UUID):
        pan (None | str): of the buyer, above two lakh rupees
    """

    id: UUID
    number: str
    status: str
    payment_status: str
    pays_on_delivery: bool
    lines: list[OrderLine]
    subtotal: Money
    discount: Money
    tax: Money
    shipping_fee: Money
    total: Money
    coupon_code: None | str
    shipping_address: AddressSnapshot
    billing_address: AddressSnapshot
    notes: None | str
    courier: None | str
    tracking_number: None | str
    expires_at: datetime.datetime
    created_at: datetime.datetime
    customer_id: UUID
    pan: None | str

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        number = self.number

        status = self.status

        payment_status = self.payment_status

        pays_on_delivery = self.pays_on_delivery

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        subtotal = self.subtotal.to_dict()

        discount = self.discount.to_dict()

        tax = self.tax.to_dict()

        shipping_fee = self.shipping_fee.to_dict()

        total = self.total.to_dict()

        coupon_code: None | str
        coupon_code = self.coupon_code

        shipping_address = self.shipping_address.to_dict()

        billing_address = self.billing_address.to_dict()

        notes: None | str
        notes = self.notes

        courier: None | str
        courier = self.courier

        tracking_number: None | str
        tracking_number = self.tracking_number

        expires_at = self.expires_at.isoformat()

        created_at = self.created_at.isoformat()

        customer_id = str(self.customer_id)

        pan: None | str
        pan = self.pan

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "number": number,
                "status": status,
                "payment_status": payment_status,
                "pays_on_delivery": pays_on_delivery,
                "lines": lines,
                "subtotal": subtotal,
                "discount": discount,
                "tax": tax,
                "shipping_fee": shipping_fee,
                "total": total,
                "coupon_code": coupon_code,
                "shipping_address": shipping_address,
                "billing_address": billing_address,
                "notes": notes,
                "courier": courier,
                "tracking_number": tracking_number,
                "expires_at": expires_at,
                "created_at": created_at,
                "customer_id": customer_id,
                "pan": pan,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.address_snapshot import AddressSnapshot  # noqa: PLC0415
        from ..models.money import Money  # noqa: PLC0415
        from ..models.order_line import OrderLine  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        number = d.pop("number")

        status = d.pop("status")

        payment_status = d.pop("payment_status")

        pays_on_delivery = d.pop("pays_on_delivery")

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = OrderLine.from_dict(lines_item_data)

            lines.append(lines_item)

        subtotal = Money.from_dict(d.pop("subtotal"))

        discount = Money.from_dict(d.pop("discount"))

        tax = Money.from_dict(d.pop("tax"))

        shipping_fee = Money.from_dict(d.pop("shipping_fee"))

        total = Money.from_dict(d.pop("total"))

        def _parse_coupon_code(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        coupon_code = _parse_coupon_code(d.pop("coupon_code"))

        shipping_address = AddressSnapshot.from_dict(d.pop("shipping_address"))

        billing_address = AddressSnapshot.from_dict(d.pop("billing_address"))

        def _parse_notes(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        notes = _parse_notes(d.pop("notes"))

        def _parse_courier(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        courier = _parse_courier(d.pop("courier"))

        def _parse_tracking_number(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        tracking_number = _parse_tracking_number(d.pop("tracking_number"))

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        customer_id = UUID(d.pop("customer_id"))

        def _parse_pan(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        pan = _parse_pan(d.pop("pan"))

        staff_order = cls(
            id=id,
            number=number,
            status=status,
            payment_status=payment_status,
            pays_on_delivery=pays_on_delivery,
            lines=lines,
            subtotal=subtotal,
            discount=discount,
            tax=tax,
            shipping_fee=shipping_fee,
            total=total,
            coupon_code=coupon_code,
            shipping_address=shipping_address,
            billing_address=billing_address,
            notes=notes,
            courier=courier,
            tracking_number=tracking_number,
            expires_at=expires_at,
            created_at=created_at,
            customer_id=customer_id,
            pan=pan,
        )

        return staff_order
