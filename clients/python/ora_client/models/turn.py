from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="Turn")


@_attrs_define
class Turn:
    """
    Attributes:
        state (str): open (buy at once), waiting, admitted (buy now) or sold_out (nothing is left; you keep your place,
            for units may come back) Example: waiting.
        ahead (int | None): how many are before you
        wait_seconds (int | None): an estimate by the last minute; null where there is none
        admitted_until (datetime.datetime | None): check out before this
        ask_again_seconds (int | None): ask again after so long; who does not ask for a minute has gone
        ticket (None | str):
    """

    state: str
    ahead: int | None
    wait_seconds: int | None
    admitted_until: datetime.datetime | None
    ask_again_seconds: int | None
    ticket: None | str

    def to_dict(self) -> dict[str, Any]:
        state = self.state

        ahead: int | None
        ahead = self.ahead

        wait_seconds: int | None
        wait_seconds = self.wait_seconds

        admitted_until: None | str
        if isinstance(self.admitted_until, datetime.datetime):
            admitted_until = self.admitted_until.isoformat()
        else:
            admitted_until = self.admitted_until

        ask_again_seconds: int | None
        ask_again_seconds = self.ask_again_seconds

        ticket: None | str
        ticket = self.ticket

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "state": state,
                "ahead": ahead,
                "wait_seconds": wait_seconds,
                "admitted_until": admitted_until,
                "ask_again_seconds": ask_again_seconds,
                "ticket": ticket,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        state = d.pop("state")

        def _parse_ahead(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ahead = _parse_ahead(d.pop("ahead"))

        def _parse_wait_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        wait_seconds = _parse_wait_seconds(d.pop("wait_seconds"))

        def _parse_admitted_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                admitted_until_type_0 = datetime.datetime.fromisoformat(data)

                return admitted_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        admitted_until = _parse_admitted_until(d.pop("admitted_until"))

        def _parse_ask_again_seconds(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        ask_again_seconds = _parse_ask_again_seconds(d.pop("ask_again_seconds"))

        def _parse_ticket(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        ticket = _parse_ticket(d.pop("ticket"))

        turn = cls(
            state=state,
            ahead=ahead,
            wait_seconds=wait_seconds,
            admitted_until=admitted_until,
            ask_again_seconds=ask_again_seconds,
            ticket=ticket,
        )

        return turn
