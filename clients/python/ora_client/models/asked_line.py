from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.asked_line_reason import AskedLineReason, check_asked_line_reason
from ..types import UNSET, Unset

T = TypeVar("T", bound="AskedLine")


@_attrs_define
class AskedLine:
    """
    Attributes:
        sku (str):  Example: ORA-RG-0001.
        quantity (int):
        reason (AskedLineReason):
        comment (None | str | Unset):
        photos (list[str] | Unset): addresses by https
        exchange_for (None | str | Unset):  Example: ORA-RG-0001.
    """

    sku: str
    quantity: int
    reason: AskedLineReason
    comment: None | str | Unset = UNSET
    photos: list[str] | Unset = UNSET
    exchange_for: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        quantity = self.quantity

        reason: str = self.reason

        comment: None | str | Unset
        if isinstance(self.comment, Unset):
            comment = UNSET
        else:
            comment = self.comment

        photos: list[str] | Unset = UNSET
        if not isinstance(self.photos, Unset):
            photos = self.photos

        exchange_for: None | str | Unset
        if isinstance(self.exchange_for, Unset):
            exchange_for = UNSET
        else:
            exchange_for = self.exchange_for

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "quantity": quantity,
                "reason": reason,
            }
        )
        if comment is not UNSET:
            field_dict["comment"] = comment
        if photos is not UNSET:
            field_dict["photos"] = photos
        if exchange_for is not UNSET:
            field_dict["exchange_for"] = exchange_for

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sku = d.pop("sku")

        quantity = d.pop("quantity")

        reason = check_asked_line_reason(d.pop("reason"))

        def _parse_comment(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        comment = _parse_comment(d.pop("comment", UNSET))

        photos = cast(list[str], d.pop("photos", UNSET))

        def _parse_exchange_for(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        exchange_for = _parse_exchange_for(d.pop("exchange_for", UNSET))

        asked_line = cls(
            sku=sku,
            quantity=quantity,
            reason=reason,
            comment=comment,
            photos=photos,
            exchange_for=exchange_for,
        )

        return asked_line
