from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..models.subscriber_wish_events_item import (
    SubscriberWishEventsItem,
    check_subscriber_wish_events_item,
)

T = TypeVar("T", bound="SubscriberWish")


@_attrs_define
class SubscriberWish:
    """
    Attributes:
        name (str):  Example: the ERP.
        url (str): https; outside of production http too
        events (list[SubscriberWishEventsItem]):  Example: ['order.shipped', 'stock.*'].
    """

    name: str
    url: str
    events: list[SubscriberWishEventsItem]

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        url = self.url

        events = []
        for events_item_data in self.events:
            events_item: str = events_item_data
            events.append(events_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "url": url,
                "events": events,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        url = d.pop("url")

        events = []
        _events = d.pop("events")
        for events_item_data in _events:
            events_item = check_subscriber_wish_events_item(events_item_data)

            events.append(events_item)

        subscriber_wish = cls(
            name=name,
            url=url,
            events=events,
        )

        return subscriber_wish
