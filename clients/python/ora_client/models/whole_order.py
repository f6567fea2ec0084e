from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.payment_summary import PaymentSummary
    from ..models.refund import Refund
    from ..models.staff_entry import StaffEntry
    from ..models.staff_order import StaffOrder


T = TypeVar("T", bound="WholeOrder")


@_attrs_define
class WholeOrder:
    """
    Attributes:
        order (StaffOrder):
        payments (list[PaymentSummary]):
        refunds (list[Refund]):
        timeline (list[StaffEntry]):
    """

    order: StaffOrder
    payments: list[PaymentSummary]
    refunds: list[Refund]
    timeline: list[StaffEntry]

    def to_dict(self) -> dict[str, Any]:
        order = self.order.to_dict()

        payments = []
        for payments_item_data in self.payments:
            payments_item = payments_item_data.to_dict()
            payments.append(payments_item)

        refunds = []
        for refunds_item_data in self.refunds:
            refunds_item = refunds_item_data.to_dict()
            refunds.append(refunds_item)

        timeline = []
        for timeline_item_data in self.timeline:
            timeline_item = timeline_item_data.to_dict()
            timeline.append(timeline_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "order": order,
                "payments": payments,
                "refunds": refunds,
                "timeline": timeline,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.payment_summary import PaymentSummary  # noqa: PLC0415
        from ..models.refund import Refund  # noqa: PLC0415
        from ..models.staff_entry import StaffEntry  # noqa: PLC0415
        from ..models.staff_order import StaffOrder  # noqa: PLC0415

        d = dict(src_dict)
        order = StaffOrder.from_dict(d.pop("order"))

        payments = []
        _payments = d.pop("payments")
        for payments_item_data in _payments:
            payments_item = PaymentSummary.from_dict(payments_item_data)

            payments.append(payments_item)

        refunds = []
        _refunds = d.pop("refunds")
        for refunds_item_data in _refunds:
            refunds_item = Refund.from_dict(refunds_item_data)

            refunds.append(refunds_item)

        timeline = []
        _timeline = d.pop("timeline")
        for timeline_item_data in _timeline:
            timeline_item = StaffEntry.from_dict(timeline_item_data)

            timeline.append(timeline_item)

        whole_order = cls(
            order=order,
            payments=payments,
            refunds=refunds,
            timeline=timeline,
        )

        return whole_order
