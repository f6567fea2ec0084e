from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.money import Money
    from ..models.staff_entry_units_type_0 import StaffEntryUnitsType0


T = TypeVar("T", bound="StaffEntry")


@_attrs_define
class StaffEntry:
    """
    Attributes:
        at (datetime.datetime):
        what (str): a status of the order, units_cancelled, payment_opened, refund_started, refund_processed or
            refund_failed Example: shipped.
        amount (Money | None):
        units (None | StaffEntryUnitsType0): by SKU Example: {'ORA-RG-0001': 1}.
        actor (None | str):
        reason (None | str):
    """

    at: datetime.datetime
    what: str
    amount: Money | None
    units: None | StaffEntryUnitsType0
    actor: None | str
    reason: None | str

    def to_dict(self) -> dict[str, Any]:
        from ..models.money import Money  # noqa: PLC0415
        from ..models.staff_entry_units_type_0 import StaffEntryUnitsType0  # noqa: PLC0415

        at = self.at.isoformat()

        what = self.what

        amount: dict[str, Any] | None
        if isinstance(self.amount, Money):
            amount = self.amount.to_dict()
        else:
            amount = self.amount

        units: dict[str, Any] | None
        if isinstance(self.units, StaffEntryUnitsType0):
            units = self.units.to_dict()
        else:
            units = self.units

        actor: None | str
        actor = self.actor

        reason: None | str
        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "what": what,
                "amount": amount,
                "units": units,
                "actor": actor,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415
        from ..models.staff_entry_units_type_0 import StaffEntryUnitsType0  # noqa: PLC0415

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        what = d.pop("what")

        def _parse_amount(data: object) -> Money | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                amount_type_0 = Money.from_dict(data)

                return amount_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Money | None, data)

        amount = _parse_amount(d.pop("amount"))

        def _parse_units(data: object) -> None | StaffEntryUnitsType0:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                units_type_0 = StaffEntryUnitsType0.from_dict(data)

                return units_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StaffEntryUnitsType0, data)

        units = _parse_units(d.pop("units"))

        def _parse_actor(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        actor = _parse_actor(d.pop("actor"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        reason = _parse_reason(d.pop("reason"))

        staff_entry = cls(
            at=at,
            what=what,
            amount=amount,
            units=units,
            actor=actor,
            reason=reason,
        )

        return staff_entry
