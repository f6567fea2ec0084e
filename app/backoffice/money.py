"""Money: payments, refunds, disputes, what pays for no order, days compared with gateways."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from flask import request
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.backoffice import actors
from app.backoffice.page import ADMINS, EVERYBODY, Page, done, person
from app.core.db import transaction
from app.core.pages import Page as Rows
from app.orders.models import Order
from app.payments import attempts, cash_on_delivery, disputes, payments, refunds
from app.payments.models import Difference, Payment, PaymentAttempt, Refund
from app.treasury import reconciliation
from app.treasury.capture import capture_payment
from app.treasury.refund import pay_out, retry_refund

AT_ONCE = 25
UNMATCHED = "paid, not matched"
_Listing = Callable[[Session, str | None], Rows[Any]]


def _payments(session: Session, cursor: str | None) -> Rows[Any]:
    return payments.page(session, status=None, limit=AT_ONCE, cursor=cursor)


def _refunds(session: Session, cursor: str | None) -> Rows[Any]:
    return refunds.page(session, status=None, limit=AT_ONCE, cursor=cursor)


def _disputes(session: Session, cursor: str | None) -> Rows[Any]:
    return disputes.page(session, status=None, limit=AT_ONCE, cursor=cursor)


def _unmatched(session: Session, cursor: str | None) -> Rows[Any]:
    return attempts.sent_back(session, limit=AT_ONCE, cursor=cursor)


def _days(session: Session, cursor: str | None) -> Rows[Any]:
    return reconciliation.page(session, limit=AT_ONCE, cursor=cursor)


VIEWS: dict[str, _Listing] = {
    "payments": _payments, "refunds": _refunds, "disputes": _disputes,
    UNMATCHED: _unmatched, "days compared": _days,
}  # fmt: skip
# Why a capture confirmed no order, as the shop writes it down with the refund.
REASONS = {
    "amount_mismatch": "another amount came than was asked for",
    "second_capture": "the order was paid already",
    "order_cancelled": "the order was cancelled before",
    "coupon_used_up": "it came late, and the coupon is used up",
    "purchase_limit": "it came late, and the buyer has as many as one may have",
    "sold_out": "it came late, and the units are sold",
}


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A capture that confirmed no order, and what was done about it."""

    attempt: PaymentAttempt
    order: Order
    payment: Payment
    refunds: Sequence[Refund]


class Money(Page):
    """Money."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {
        "index": EVERYBODY, "capture": EVERYBODY, "retry": ADMINS, "pay_out": ADMINS,
    }  # fmt: skip

    @expose("/")
    def index(self) -> Any:
        """List one of the five, the newest first."""
        view = request.args.get("view", "payments")
        if view not in VIEWS:
            view = "payments"
        with transaction() as session:
            rows = VIEWS[view](session, request.args.get("cursor"))
            return self.render(
                "backoffice/money.html",
                rows=rows,
                view=view,
                views=VIEWS,
                names=actors.named(
                    session, [one.actor for one in rows.items] if view == "refunds" else []
                ),
                orders=_orders(session, rows) if view in ("refunds", "disputes") else {},
                unmatched=_what_became(session, rows) if view == UNMATCHED else [],
                by_hand=_by_hand(session, rows) if view == "refunds" else set(),
                reasons=REASONS,
                differences=_differences(session, rows) if view == "days compared" else {},
            )

    @expose("/payments/<uuid:payment_id>/capture", methods=("POST",))
    def capture(self, payment_id: UUID) -> Any:
        """Take authorised money, or say that cash has come in; sent twice, it is taken once."""
        payment = capture_payment(payment_id)
        return done("The money has come in.", "orders_page.show", order_id=payment.order_id)

    @expose("/refunds/<uuid:refund_id>/paid-out", methods=("POST",))
    def pay_out(self, refund_id: UUID) -> Any:
        """Say that a refund of cash was paid out by hand."""
        pay_out(refund_id)
        return done("The money is back.", "money.index", view="refunds")

    @expose("/refunds/<uuid:refund_id>/retry", methods=("POST",))
    def retry(self, refund_id: UUID) -> Any:
        """Ask at once for a refund that has not ended; one that failed is written anew."""
        refund, view = retry_refund(refund_id, actor=person().actor), request.form.get("view")
        is_back = refund.status == "processed"
        words = "The money is back already." if is_back else "It is asked for again."
        return done(words, "money.index", view=view if view in VIEWS else "refunds")


def _what_became(session: Session, rows: Rows[PaymentAttempt]) -> list[Unmatched]:
    """Tell of captures what was asked for, for which order, and what went back."""
    tries = [one.gateway_payment_id for one in rows.items]
    query = select(PaymentAttempt.gateway_payment_id, Order, Payment)
    query = query.join(Order, Order.id == PaymentAttempt.order_id)
    query = query.join(Payment, Payment.id == PaymentAttempt.payment_id)
    found = session.execute(query.where(PaymentAttempt.gateway_payment_id.in_(tries)))
    about = {name: (order, payment) for name, order, payment in found}
    back = refunds.of_attempts(session, tries)
    return [
        Unmatched(one, *about[one.gateway_payment_id], back[one.gateway_payment_id])
        for one in rows.items
    ]


def _orders(session: Session, rows: Rows[Any]) -> dict[str, Any]:
    """Tell the order of each try that something is about."""
    ids = {one.gateway_payment_id for one in rows.items}
    columns = PaymentAttempt.gateway_payment_id, PaymentAttempt.order_id
    query = select(*columns).where(PaymentAttempt.gateway_payment_id.in_(ids))
    return dict(session.execute(query).all())


def _by_hand(session: Session, rows: Rows[Any]) -> set[str]:
    """Tell of which tries staff pay money back by hand: it came as cash."""
    ids = {one.gateway_payment_id for one in rows.items}
    query = select(PaymentAttempt.gateway_payment_id).join(
        Payment, Payment.id == PaymentAttempt.payment_id
    )
    query = query.where(PaymentAttempt.gateway_payment_id.in_(ids))
    return set(session.scalars(query.where(Payment.gateway == cash_on_delivery.NAME)))


def _differences(session: Session, rows: Rows[Any]) -> dict[Any, list[Difference]]:
    return {
        (one.gateway, one.day): list(reconciliation.differences(session, one.gateway, one.day))
        for one in rows.items
    }
