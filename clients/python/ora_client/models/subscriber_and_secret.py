from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.subscriber import Subscriber


T = TypeVar("T", bound="SubscriberAndSecret")


@_attrs_define
class SubscriberAndSecret:
    """
    Attributes:
        subscriber (Subscriber):
        secret (str):  Example: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw.
    """

    subscriber: Subscriber
    secret: str

    def to_dict(self) -> dict[str, Any]:
        subscriber = self.subscriber.to_dict()

        secret = self.secret

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "subscriber": subscriber,
                "secret": secret,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.subscriber import Subscriber  # noqa: PLC0415

        d = dict(src_dict)
        subscriber = Subscriber.from_dict(d.pop("subscriber"))

        secret = d.pop("secret")

        subscriber_and_secret = cls(
            subscriber=subscriber,
            secret=secret,
        )

        return subscriber_and_secret
