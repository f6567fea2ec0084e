from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="Subscriber")


@_attrs_define
class Subscriber:
    """
    Attributes:
        id (UUID):
        name (str):
        url (str):
        events (list[str]):
        is_enabled (bool):
        disabled_at (datetime.datetime | None):
        disabled_because (None | str):
        failing_since (datetime.datetime | None): since when nothing but failures came back
        previous_secret_until (datetime.datetime | None): until when the secret before signs too
        created_at (datetime.datetime):
    """

    id: UUID
    name: str
    url: str
    events: list[str]
    is_enabled: bool
    disabled_at: datetime.datetime | None
    disabled_because: None | str
    failing_since: datetime.datetime | None
    previous_secret_until: datetime.datetime | None
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        name = self.name

        url = self.url

        events = self.events

        is_enabled = self.is_enabled

        disabled_at: None | str
        if isinstance(self.disabled_at, datetime.datetime):
            disabled_at = self.disabled_at.isoformat()
        else:
            disabled_at = self.disabled_at

        disabled_because: None | str
        disabled_because = self.disabled_because

        failing_since: None | str
        if isinstance(self.failing_since, datetime.datetime):
            failing_since = self.failing_since.isoformat()
        else:
            failing_since = self.failing_since

        previous_secret_until: None | str
        if isinstance(self.previous_secret_until, datetime.datetime):
            previous_secret_until = self.previous_secret_until.isoformat()
        else:
            previous_secret_until = self.previous_secret_until

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "name": name,
                "url": url,
                "events": events,
                "is_enabled": is_enabled,
                "disabled_at": disabled_at,
                "disabled_because": disabled_because,
                "failing_since": failing_since,
                "previous_secret_until": previous_secret_until,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        url = d.pop("url")

        events = cast(list[str], d.pop("events"))

        is_enabled = d.pop("is_enabled")

        def _parse_disabled_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                disabled_at_type_0 = datetime.datetime.fromisoformat(data)

                return disabled_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        disabled_at = _parse_disabled_at(d.pop("disabled_at"))

        def _parse_disabled_because(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        disabled_because = _parse_disabled_because(d.pop("disabled_because"))

        def _parse_failing_since(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                failing_since_type_0 = datetime.datetime.fromisoformat(data)

                return failing_since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        failing_since = _parse_failing_since(d.pop("failing_since"))

        def _parse_previous_secret_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                previous_secret_until_type_0 = datetime.datetime.fromisoformat(data)

                return previous_secret_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        previous_secret_until = _parse_previous_secret_until(d.pop("previous_secret_until"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        subscriber = cls(
            id=id,
            name=name,
            url=url,
            events=events,
            is_enabled=is_enabled,
            disabled_at=disabled_at,
            disabled_because=disabled_because,
            failing_since=failing_since,
            previous_secret_until=previous_secret_until,
            created_at=created_at,
        )

        return subscriber
