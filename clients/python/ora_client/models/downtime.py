from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.downtime_instrument import DowntimeInstrument


T = TypeVar("T", bound="Downtime")


@_attrs_define
class Downtime:
    """
    Attributes:
        method (str):  Example: upi.
        severity (None | str):  Example: high.
        instrument (DowntimeInstrument):
        began_at (datetime.datetime | None):
    """

    method: str
    severity: None | str
    instrument: DowntimeInstrument
    began_at: datetime.datetime | None

    def to_dict(self) -> dict[str, Any]:
        method = self.method

        severity: None | str
        severity = self.severity

        instrument = self.instrument.to_dict()

        began_at: None | str
        if isinstance(self.began_at, datetime.datetime):
            began_at = self.began_at.isoformat()
        else:
            began_at = self.began_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "method": method,
                "severity": severity,
                "instrument": instrument,
                "began_at": began_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.downtime_instrument import DowntimeInstrument  # noqa: PLC0415

        d = dict(src_dict)
        method = d.pop("method")

        def _parse_severity(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        severity = _parse_severity(d.pop("severity"))

        instrument = DowntimeInstrument.from_dict(d.pop("instrument"))

        def _parse_began_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                began_at_type_0 = datetime.datetime.fromisoformat(data)

                return began_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        began_at = _parse_began_at(d.pop("began_at"))

        downtime = cls(
            method=method,
            severity=severity,
            instrument=instrument,
            began_at=began_at,
        )

        return downtime
