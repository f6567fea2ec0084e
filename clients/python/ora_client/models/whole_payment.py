from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.attempt import Attempt
    from ..models.dispute import Dispute
    from ..models.payment_summary import PaymentSummary
    from ..models.refund import Refund


T = TypeVar("T", bound="WholePayment")


@_attrs_define
class WholePayment:
    """
    Attributes:
        payment (PaymentSummary):
        refundable (int): paise that can still go back
        attempts (list[Attempt]):
        refunds (list[Refund]):
        disputes (list[Dispute]):
    """

    payment: PaymentSummary
    refundable: int
    attempts: list[Attempt]
    refunds: list[Refund]
    disputes: list[Dispute]

    def to_dict(self) -> dict[str, Any]:
        payment = self.payment.to_dict()

        refundable = self.refundable

        attempts = []
        for attempts_item_data in self.attempts:
            attempts_item = attempts_item_data.to_dict()
            attempts.append(attempts_item)

        refunds = []
        for refunds_item_data in self.refunds:
            refunds_item = refunds_item_data.to_dict()
            refunds.append(refunds_item)

        disputes = []
        for disputes_item_data in self.disputes:
            disputes_item = disputes_item_data.to_dict()
            disputes.append(disputes_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "payment": payment,
                "refundable": refundable,
                "attempts": attempts,
                "refunds": refunds,
                "disputes": disputes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.attempt import Attempt  # noqa: PLC0415
        from ..models.dispute import Dispute  # noqa: PLC0415
        from ..models.payment_summary import PaymentSummary  # noqa: PLC0415
        from ..models.refund import Refund  # noqa: PLC0415

        d = dict(src_dict)
        payment = PaymentSummary.from_dict(d.pop("payment"))

        refundable = d.pop("refundable")

        attempts = []
        _attempts = d.pop("attempts")
        for attempts_item_data in _attempts:
            attempts_item = Attempt.from_dict(attempts_item_data)

            attempts.append(attempts_item)

        refunds = []
        _refunds = d.pop("refunds")
        for refunds_item_data in _refunds:
            refunds_item = Refund.from_dict(refunds_item_data)

            refunds.append(refunds_item)

        disputes = []
        _disputes = d.pop("disputes")
        for disputes_item_data in _disputes:
            disputes_item = Dispute.from_dict(disputes_item_data)

            disputes.append(disputes_item)

        whole_payment = cls(
            payment=payment,
            refundable=refundable,
            attempts=attempts,
            refunds=refunds,
            disputes=disputes,
        )

        return whole_payment
