from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.account import Account


T = TypeVar("T", bound="Registered")


@_attrs_define
class Registered:
    """
    Attributes:
        access_token (str):
        refresh_token (str):
        expires_in (int): seconds
        account (Account):
    """

    access_token: str
    refresh_token: str
    expires_in: int
    account: Account

    def to_dict(self) -> dict[str, Any]:
        access_token = self.access_token

        refresh_token = self.refresh_token

        expires_in = self.expires_in

        account = self.account.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "access_token": access_token,
                "refresh_token": refresh_token,
                "expires_in": expires_in,
                "account": account,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.account import Account  # noqa: PLC0415

        d = dict(src_dict)
        access_token = d.pop("access_token")

        refresh_token = d.pop("refresh_token")

        expires_in = d.pop("expires_in")

        account = Account.from_dict(d.pop("account"))

        registered = cls(
            access_token=access_token,
            refresh_token=refresh_token,
            expires_in=expires_in,
            account=account,
        )

        return registered
