from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.money import Money
    from ..models.staff_return_line import StaffReturnLine
    from ..models.staff_return_step import StaffReturnStep


T = TypeVar("T", bound="StaffReturn")


@_attrs_define
class StaffReturn:
    """
    Attributes:
        id (UUID):
        order_id (UUID):
        status (str):  Example: requested.
        comment (None | str):
        lines (list[StaffReturnLine]):
        steps (list[StaffReturnStep]):
        refund_amount (Money | None):
        exchange_order_id (None | UUID):
        created_at (datetime.datetime):
        customer_id (UUID):
    """

    id: UUID
    order_id: UUID
    status: str
    comment: None | str
    lines: list[StaffReturnLine]
    steps: list[StaffReturnStep]
    refund_amount: Money | None
    exchange_order_id: None | UUID
    created_at: datetime.datetime
    customer_id: UUID

    def to_dict(self) -> dict[str, Any]:
        from ..models.money import Money  # noqa: PLC0415

        id = str(self.id)

        order_id = str(self.order_id)

        status = self.status

        comment: None | str
        comment = self.comment

        lines = []
        for lines_item_data in self.lines:
            lines_item = lines_item_data.to_dict()
            lines.append(lines_item)

        steps = []
        for steps_item_data in self.steps:
            steps_item = steps_item_data.to_dict()
            steps.append(steps_item)

        refund_amount: dict[str, Any] | None
        if isinstance(self.refund_amount, Money):
            refund_amount = self.refund_amount.to_dict()
        else:
            refund_amount = self.refund_amount

        exchange_order_id: None | str
        if isinstance(self.exchange_order_id, UUID):
            exchange_order_id = str(self.exchange_order_id)
        else:
            exchange_order_id = self.exchange_order_id

        created_at = self.created_at.isoformat()

        customer_id = str(self.customer_id)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
                "order_id": order_id,
                "status": status,
                "comment": comment,
                "lines": lines,
                "steps": steps,
                "refund_amount": refund_amount,
                "exchange_order_id": exchange_order_id,
                "created_at": created_at,
                "customer_id": customer_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.money import Money  # noqa: PLC0415
        from ..models.staff_return_line import StaffReturnLine  # noqa: PLC0415
        from ..models.staff_return_step import StaffReturnStep  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        order_id = UUID(d.pop("order_id"))

        status = d.pop("status")

        def _parse_comment(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        comment = _parse_comment(d.pop("comment"))

        lines = []
        _lines = d.pop("lines")
        for lines_item_data in _lines:
            lines_item = StaffReturnLine.from_dict(lines_item_data)

            lines.append(lines_item)

        steps = []
        _steps = d.pop("steps")
        for steps_item_data in _steps:
            steps_item = StaffReturnStep.from_dict(steps_item_data)

            steps.append(steps_item)

        def _parse_refund_amount(data: object) -> Money | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                refund_amount_type_0 = Money.from_dict(data)

                return refund_amount_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Money | None, data)

        refund_amount = _parse_refund_amount(d.pop("refund_amount"))

        def _parse_exchange_order_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                exchange_order_id_type_0 = UUID(data)

                return exchange_order_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        exchange_order_id = _parse_exchange_order_id(d.pop("exchange_order_id"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        customer_id = UUID(d.pop("customer_id"))

        staff_return = cls(
            id=id,
            order_id=order_id,
            status=status,
            comment=comment,
            lines=lines,
            steps=steps,
            refund_amount=refund_amount,
            exchange_order_id=exchange_order_id,
            created_at=created_at,
            customer_id=customer_id,
        )

        return staff_return
