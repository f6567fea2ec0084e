from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.move_status import MoveStatus, check_move_status
from ..types import UNSET, Unset

T = TypeVar("T", bound="Move")


@_attrs_define
class Move:
    """
    Attributes:
        status (MoveStatus):
        courier (None | str | Unset):  Example: BlueDart.
        tracking_number (None | str | Unset):  Example: 69123456780.
        reason (None | str | Unset):
    """

    status: MoveStatus
    courier: None | str | Unset = UNSET
    tracking_number: None | str | Unset = UNSET
    reason: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        status: str = self.status

        courier: None | str | Unset
        if isinstance(self.courier, Unset):
            courier = UNSET
        else:
            courier = self.courier

        tracking_number: None | str | Unset
        if isinstance(self.tracking_number, Unset):
            tracking_number = UNSET
        else:
            tracking_number = self.tracking_number

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "status": status,
            }
        )
        if courier is not UNSET:
            field_dict["courier"] = courier
        if tracking_number is not UNSET:
            field_dict["tracking_number"] = tracking_number
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = check_move_status(d.pop("status"))

        def _parse_courier(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        courier = _parse_courier(d.pop("courier", UNSET))

        def _parse_tracking_number(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        tracking_number = _parse_tracking_number(d.pop("tracking_number", UNSET))

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reason = _parse_reason(d.pop("reason", UNSET))

        move = cls(
            status=status,
            courier=courier,
            tracking_number=tracking_number,
            reason=reason,
        )

        return move
