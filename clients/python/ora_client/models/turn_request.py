from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="TurnRequest")


@_attrs_define
class TurnRequest:
    """
    Attributes:
        ticket (None | str | Unset): that you were given last; it has you back at your place
    """

    ticket: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        ticket: None | str | Unset
        if isinstance(self.ticket, Unset):
            ticket = UNSET
        else:
            ticket = self.ticket

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if ticket is not UNSET:
            field_dict["ticket"] = ticket

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_ticket(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ticket = _parse_ticket(d.pop("ticket", UNSET))

        turn_request = cls(
            ticket=ticket,
        )

        return turn_request
