"""Money: payments, refunds, disputes, and the days that were compared with the gateways' books."""

from collections.abc import Callable
from typing import Any, ClassVar

from flask import request
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.backoffice import actors
from app.backoffice.page import EVERYBODY, Page
from app.core.db import transaction
from app.core.pages import Page as Rows
from app.payments import disputes, payments, refunds
from app.payments.models import Difference, PaymentAttempt
from app.treasury import reconciliation

AT_ONCE = 25
_Listing = Callable[[Session, str | None], Rows[Any]]


def _payments(session: Session, cursor: str | None) -> Rows[Any]:
    return payments.page(session, status=None, limit=AT_ONCE, cursor=cursor)


def _refunds(session: Session, cursor: str | None) -> Rows[Any]:
    return refunds.page(session, status=None, limit=AT_ONCE, cursor=cursor)


def _disputes(session: Session, cursor: str | None) -> Rows[Any]:
    return disputes.page(session, status=None, limit=AT_ONCE, cursor=cursor)


def _days(session: Session, cursor: str | None) -> Rows[Any]:
    return reconciliation.page(session, limit=AT_ONCE, cursor=cursor)


VIEWS: dict[str, _Listing] = {
    "payments": _payments, "refunds": _refunds, "disputes": _disputes, "days compared": _days,
}  # fmt: skip


class Money(Page):
    """Money."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {"index": EVERYBODY}

    @expose("/")
    def index(self) -> Any:
        """List one of the four, the newest first."""
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
                differences=_differences(session, rows) if view == "days compared" else {},
            )


def _orders(session: Session, rows: Rows[Any]) -> dict[str, Any]:
    """Tell the order of each try that something is about."""
    ids = {one.gateway_payment_id for one in rows.items}
    columns = PaymentAttempt.gateway_payment_id, PaymentAttempt.order_id
    query = select(*columns).where(PaymentAttempt.gateway_payment_id.in_(ids))
    return dict(session.execute(query).all())


def _differences(session: Session, rows: Rows[Any]) -> dict[Any, list[Difference]]:
    return {
        (one.gateway, one.day): list(reconciliation.differences(session, one.gateway, one.day))
        for one in rows.items
    }
