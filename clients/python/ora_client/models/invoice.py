from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.money import Money


T = TypeVar("T", bound="Invoice")


@_attrs_define
class Invoice:
    """
    Attributes:
        id (UUID):
        kind (str): invoice or credit_note Example: invoice.
        number (str):  Example: INV/2627/0000042.
        order_id (UUID):
        total (Money):
        issued_at (datetime.datetime):
    """

    id: UUID
    kind: str
    number: str
    order_id: UUID
    total: Money
    issued_at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        kind = self.kind

        number = self.number

        order_id = str(self.order_id)

        total = self.total.to_dict()

        issued_at = self.issued_at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "number": number,
                "order_id": order_id,
                "total": total,
                "issued_at": issued_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        kind = d.pop("kind")

        number = d.pop("number")

        order_id = UUID(d.pop("order_id"))

        total = Money.from_dict(d.pop("total"))

        issued_at = datetime.datetime.fromisoformat(d.pop("issued_at"))

        invoice = cls(
            id=id,
            kind=kind,
            number=number,
            order_id=order_id,
            total=total,
            issued_at=issued_at,
        )

        return invoice
