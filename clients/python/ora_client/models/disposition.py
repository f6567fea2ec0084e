from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="Disposition")


@_attrs_define
class Disposition:
    """
    Attributes:
        sku (str):
        quantity (int):
        disposition (str):  Example: restock.
        is_repaired (bool): they come out of repair
        actor (str):
        created_at (datetime.datetime):
    """

    sku: str
    quantity: int
    disposition: str
    is_repaired: bool
    actor: str
    created_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        sku = self.sku

        quantity = self.quantity

        disposition = self.disposition

        is_repaired = self.is_repaired

        actor = self.actor

        created_at = self.created_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "sku": sku,
                "quantity": quantity,
                "disposition": disposition,
                "is_repaired": is_repaired,
                "actor": actor,
                "created_at": created_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        sku = d.pop("sku")

        quantity = d.pop("quantity")

        disposition = d.pop("disposition")

        is_repaired = d.pop("is_repaired")

        actor = d.pop("actor")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        disposition = cls(
            sku=sku,
            quantity=quantity,
            disposition=disposition,
            is_repaired=is_repaired,
            actor=actor,
            created_at=created_at,
        )

        return disposition
