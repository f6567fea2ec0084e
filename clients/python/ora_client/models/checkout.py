from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.address import Address
    from ..models.checkout_line import CheckoutLine
    from ..models.contact import Contact
    from ..models.money import Money


T = TypeVar("T", bound="Checkout")


@_attrs_define
class Checkout:
    """
    Attributes:
        lines (list[CheckoutLine] | None | Unset): what to buy; without it, what is in the cart
        coupon_code (None | str | Unset):  Example: DIWALI10.
        contact (Contact | None | Unset): of a guest, who has to tell it once
        shipping_address_id (None | Unset | UUID):
        shipping_address (Address | None | Unset):
        billing_address_id (None | Unset | UUID):
        billing_address (Address | None | Unset):
        expected_total (Money | None | Unset): refuse the order where its total is another one
        pan (None | str | Unset): needed for a purchase above two lakh rupees, kept for no other Example: ABCPE1234F.
        notes (None | str | Unset):
    """

    lines: list[CheckoutLine] | None | Unset = UNSET
    coupon_code: None | str | Unset = UNSET
    contact: Contact | None | Unset = UNSET
    shipping_address_id: None | Unset | UUID = UNSET
    shipping_address: Address | None | Unset = UNSET
    billing_address_id: None | Unset | UUID = UNSET
    billing_address: Address | None | Unset = UNSET
    expected_total: Money | None | Unset = UNSET
    pan: None | str | Unset = UNSET
    notes: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.address import Address  # noqa: PLC0415
        from ..models.contact import Contact  # noqa: PLC0415
        from ..models.money import Money  # noqa: PLC0415

        lines: list[dict[str, Any]] | None | Unset
        if isinstance(self.lines, Unset):
            lines = UNSET
        elif isinstance(self.lines, list):
            lines = []
            for lines_type_0_item_data in self.lines:
                lines_type_0_item = lines_type_0_item_data.to_dict()
                lines.append(lines_type_0_item)

        else:
            lines = self.lines

        coupon_code: None | str | Unset
        if isinstance(self.coupon_code, Unset):
            coupon_code = UNSET
        else:
            coupon_code = self.coupon_code

        contact: dict[str, Any] | None | Unset
        if isinstance(self.contact, Unset):
            contact = UNSET
        elif isinstance(self.contact, Contact):
            contact = self.contact.to_dict()
        else:
            contact = self.contact

        shipping_address_id: None | str | Unset
        if isinstance(self.shipping_address_id, Unset):
            shipping_address_id = UNSET
        elif isinstance(self.shipping_address_id, UUID):
            shipping_address_id = str(self.shipping_address_id)
        else:
            shipping_address_id = self.shipping_address_id

        shipping_address: dict[str, Any] | None | Unset
        if isinstance(self.shipping_address, Unset):
            shipping_address = UNSET
        elif isinstance(self.shipping_address, Address):
            shipping_address = self.shipping_address.to_dict()
        else:
            shipping_address = self.shipping_address

        billing_address_id: None | str | Unset
        if isinstance(self.billing_address_id, Unset):
            billing_address_id = UNSET
        elif isinstance(self.billing_address_id, UUID):
            billing_address_id = str(self.billing_address_id)
        else:
            billing_address_id = self.billing_address_id

        billing_address: dict[str, Any] | None | Unset
        if isinstance(self.billing_address, Unset):
            billing_address = UNSET
        elif isinstance(self.billing_address, Address):
            billing_address = self.billing_address.to_dict()
        else:
            billing_address = self.billing_address

        expected_total: dict[str, Any] | None | Unset
        if isinstance(self.expected_total, Unset):
            expected_total = UNSET
        elif isinstance(self.expected_total, Money):
            expected_total = self.expected_total.to_dict()
        else:
            expected_total = self.expected_total

        pan: None | str | Unset
        if isinstance(self.pan, Unset):
            pan = UNSET
        else:
            pan = self.pan

        notes: None | str | Unset
        if isinstance(self.notes, Unset):
            notes = UNSET
        else:
            notes = self.notes

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if lines is not UNSET:
            field_dict["lines"] = lines
        if coupon_code is not UNSET:
            field_dict["coupon_code"] = coupon_code
        if contact is not UNSET:
            field_dict["contact"] = contact
        if shipping_address_id is not UNSET:
            field_dict["shipping_address_id"] = shipping_address_id
        if shipping_address is not UNSET:
            field_dict["shipping_address"] = shipping_address
        if billing_address_id is not UNSET:
            field_dict["billing_address_id"] = billing_address_id
        if billing_address is not UNSET:
            field_dict["billing_address"] = billing_address
        if expected_total is not UNSET:
            field_dict["expected_total"] = expected_total
        if pan is not UNSET:
            field_dict["pan"] = pan
        if notes is not UNSET:
            field_dict["notes"] = notes

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.address import Address  # noqa: PLC0415
        from ..models.checkout_line import CheckoutLine  # noqa: PLC0415
        from ..models.contact import Contact  # noqa: PLC0415
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_lines(data: object) -> list[CheckoutLine] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                lines_type_0 = []
                _lines_type_0 = data
                for lines_type_0_item_data in _lines_type_0:
                    lines_type_0_item = CheckoutLine.from_dict(lines_type_0_item_data)

                    lines_type_0.append(lines_type_0_item)

                return lines_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[CheckoutLine] | None | Unset, data)

        lines = _parse_lines(d.pop("lines", UNSET))

        def _parse_coupon_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        coupon_code = _parse_coupon_code(d.pop("coupon_code", UNSET))

        def _parse_contact(data: object) -> Contact | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                contact_type_0 = Contact.from_dict(data)

                return contact_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Contact | None | Unset, data)

        contact = _parse_contact(d.pop("contact", UNSET))

        def _parse_shipping_address_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                shipping_address_id_type_0 = UUID(data)

                return shipping_address_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        shipping_address_id = _parse_shipping_address_id(d.pop("shipping_address_id", UNSET))

        def _parse_shipping_address(data: object) -> Address | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                shipping_address_type_0 = Address.from_dict(data)

                return shipping_address_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Address | None | Unset, data)

        shipping_address = _parse_shipping_address(d.pop("shipping_address", UNSET))

        def _parse_billing_address_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                billing_address_id_type_0 = UUID(data)

                return billing_address_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        billing_address_id = _parse_billing_address_id(d.pop("billing_address_id", UNSET))

        def _parse_billing_address(data: object) -> Address | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                billing_address_type_0 = Address.from_dict(data)

                return billing_address_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Address | None | Unset, data)

        billing_address = _parse_billing_address(d.pop("billing_address", UNSET))

        def _parse_expected_total(data: object) -> Money | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                expected_total_type_0 = Money.from_dict(data)

                return expected_total_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Money | None | Unset, data)

        expected_total = _parse_expected_total(d.pop("expected_total", UNSET))

        def _parse_pan(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        pan = _parse_pan(d.pop("pan", UNSET))

        def _parse_notes(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        notes = _parse_notes(d.pop("notes", UNSET))

        checkout = cls(
            lines=lines,
            coupon_code=coupon_code,
            contact=contact,
            shipping_address_id=shipping_address_id,
            shipping_address=shipping_address,
            billing_address_id=billing_address_id,
            billing_address=billing_address,
            expected_total=expected_total,
            pan=pan,
            notes=notes,
        )

        return checkout
