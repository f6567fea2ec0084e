from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="StaffReturnLine")


@_attrs_define
class StaffReturnLine:
    """
    Attributes:
        sku (str):
        quantity (int):
        reason (str):  Example: wrong_size.
        comment (None | str):
        photos (list[str]):
        exchange_for (None | str):
        approved (int | None): units that may come
        note (None | str): what staff say of it
        received (int):
        restock (bool | None):
    """

    sku: str
    quantity: int
    reason: str
    comment: None | str
    photos: list[str]
    exchange_for: None | str
    approved: int | None
    note: None | str
    received: int
    restock: bool | None

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        quantity = self.quantity

        reason = self.reason

        comment: None | str
        comment = self.comment

        photos = self.photos

        exchange_for: None | str
        exchange_for = self.exchange_for

        approved: int | None
        approved = self.approved

        note: None | str
        note = self.note

        received = self.received

        restock: bool | None
        restock = self.restock

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "quantity": quantity,
                "reason": reason,
                "comment": comment,
                "photos": photos,
                "exchange_for": exchange_for,
                "approved": approved,
                "note": note,
                "received": received,
                "restock": restock,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sku = d.pop("sku")

        quantity = d.pop("quantity")

        reason = d.pop("reason")

        def _parse_comment(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        comment = _parse_comment(d.pop("comment"))

        photos = cast(list[str], d.pop("photos"))

        def _parse_exchange_for(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        exchange_for = _parse_exchange_for(d.pop("exchange_for"))

        def _parse_approved(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        approved = _parse_approved(d.pop("approved"))

        def _parse_note(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        note = _parse_note(d.pop("note"))

        received = d.pop("received")

        def _parse_restock(data: object) -> bool | None:
            if data is None:
                return data
            return cast(bool | None, data)

        restock = _parse_restock(d.pop("restock"))

        staff_return_line = cls(
            sku=sku,
            quantity=quantity,
            reason=reason,
            comment=comment,
            photos=photos,
            exchange_for=exchange_for,
            approved=approved,
            note=note,
            received=received,
            restock=restock,
        )

        return staff_return_line
