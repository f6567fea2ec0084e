from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.entry_units_type_0 import EntryUnitsType0
    from ..models.money import Money


T = TypeVar("T", bound="Entry")


@_attrs_define
class Entry:
    """
    Attributes:
        at (datetime.datetime):
        what (str): a status of the order, units_cancelled, payment_opened, refund_started, refund_processed or
            refund_failed Example: shipped.
        amount (Money | None):
        units (EntryUnitsType0 | None): by SKU Example: {'ORA-RG-0001': 1}.
    """

    at: datetime.datetime
    what: str
    amount: Money | None
    units: EntryUnitsType0 | None

    def to_dict(self) -> dict[str, Any]:
        from ..models.entry_units_type_0 import EntryUnitsType0  # noqa: PLC0415
        from ..models.money import Money  # noqa: PLC0415

        at = self.at.isoformat()

        what = self.what

        amount: dict[str, Any] | None
        if isinstance(self.amount, Money):
            amount = self.amount.to_dict()
        else:
            amount = self.amount

        units: dict[str, Any] | None
        if isinstance(self.units, EntryUnitsType0):
            units = self.units.to_dict()
        else:
            units = self.units

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "at": at,
                "what": what,
                "amount": amount,
                "units": units,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.entry_units_type_0 import EntryUnitsType0  # noqa: PLC0415
        from ..models.money import Money  # noqa: PLC0415

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

        def _parse_units(data: object) -> EntryUnitsType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                units_type_0 = EntryUnitsType0.from_dict(data)

                return units_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(EntryUnitsType0 | None, data)

        units = _parse_units(d.pop("units"))

        entry = cls(
            at=at,
            what=what,
            amount=amount,
            units=units,
        )

        return entry
