"""Orders: found by whatever somebody has of one, seen whole, moved on by the legal steps alone."""

import re
from typing import Any, ClassVar
from uuid import UUID, uuid4

from flask import current_app, make_response, redirect, request, url_for
from flask_admin import expose
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.accounts import notes
from app.accounts.models import User
from app.backoffice import actors, forms, history
from app.backoffice.page import ADMINS, EVERYBODY, Page, done, person
from app.core import sheets
from app.core.db import transaction
from app.core.ids import read_id
from app.core.pages import newest_first
from app.core.problems import invalid
from app.core.replica import leafing
from app.core.texts import storable
from app.fulfilment.cancel import CANCELLABLE, Wish, cancel_order
from app.fulfilment.filters import Filters
from app.fulfilment.preorders import not_arrived
from app.fulfilment.progress import STEPS, move_order
from app.invoices import invoices, paper
from app.orders import orders
from app.orders.models import Order
from app.orders.orders import TRANSITIONS
from app.payments import attempts, payments, refunds
from app.payments.models import Payment, PaymentAttempt
from app.returns import returns
from app.transfers import exports
from app.treasury.refund import request_refund

AT_ONCE = 25
# Tabs above the list: what somebody has to do something with, then all.
VIEWS = {
    "to pack": "confirmed", "packing": "processing", "on the way": "shipped",
    "returns": "return_requested", "unpaid": "pending", "all": None,
}  # fmt: skip


class Orders(Page):
    """Orders."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {
        "index": EVERYBODY, "show": EVERYBODY, "move": EVERYBODY, "cancel": EVERYBODY,
        "refund": ADMINS, "paper": EVERYBODY, "export": EVERYBODY, "add_note": EVERYBODY,
    }  # fmt: skip

    @expose("/")
    def index(self) -> Any:
        """List orders, or go to the one that was searched for."""
        term = request.args.get("q", "").strip()
        view = request.args.get("view", "all")
        status = VIEWS.get(view)
        cursor = request.args.get("cursor")
        with leafing(cursor) as session:
            found = find(session, term)
            if found is not None:
                return redirect(url_for("orders_page.show", order_id=found.id))
            query = select(Order) if not term else select(Order).where(_is_of(term))
            if status is not None:
                query = query.where(Order.status == status)
            at, key = Order.created_at, Order.id
            rows = newest_first(session, query, at, key, limit=AT_ONCE, cursor=cursor)
            return self.render(
                "backoffice/orders.html", rows=rows, term=term, view=view, views=VIEWS
            )

    @expose("/export")
    def export(self) -> Any:
        """Give the orders of a tab as a file; that it was taken is written down."""
        filters = Filters(status=VIEWS.get(request.args.get("view", "all")))
        return sheets.file("orders.csv", exports.export("orders", filters))

    @expose("/<uuid:order_id>")
    def show(self, order_id: UUID) -> Any:
        """Show an order with its money and everything that happened."""
        with transaction() as session:
            order = orders.find(session, order_id)
            kept = attempts.kept(session, order_id)
            written = notes.of_account(session, order.user_id, order_id=order_id)
            happened = history.of_order(session, order, with_records=person().role in ADMINS)
            return self.render(
                "backoffice/order.html",
                order=order,
                customer=session.get(User, order.user_id),
                steps=_steps(order),
                waiting=not_arrived(session, order),
                is_cancellable=order.status == "pending" or order.status in CANCELLABLE,
                payments=payments.of_order(session, order_id),
                kept=kept,
                reference=str(uuid4()),
                left=attempts.left(kept) if kept else 0,
                refunds=refunds.of_order(session, order_id),
                returns=returns.of_order(session, order_id),
                invoices=invoices.of_order(session, order_id),
                history=happened,
                notes=written,
                longest_note=notes.LONGEST,
                names=actors.named(
                    session, [*(e.actor for e in happened), *(n.actor for n in written)]
                ),
            )

    @expose("/<uuid:order_id>/move", methods=("POST",))
    def move(self, order_id: UUID) -> Any:
        """Move an order on."""
        status = request.form.get("status", "")
        if status not in STEPS:
            raise invalid("#/status", f"is none of {', '.join(STEPS)}")
        order = move_order(
            order_id, status, courier=forms.text("courier"),
            tracking_number=forms.text("tracking_number"), reason=None, actor=person().actor,
        )  # fmt: skip
        return done(f"{order.number} is {status}.", "orders_page.show", order_id=order_id)

    @expose("/<uuid:order_id>/cancel", methods=("POST",))
    def cancel(self, order_id: UUID) -> Any:
        """Cancel an order; its money goes back, its units are on sale again."""
        speed = current_app.config["ORA"].refund_speed
        order = cancel_order(order_id, Wish(person().actor, forms.text("reason"), speed))
        return done(f"{order.number} is cancelled.", "orders_page.show", order_id=order_id)

    @expose("/<uuid:order_id>/note", methods=("POST",))
    def add_note(self, order_id: UUID) -> Any:
        """Note something of an order, for whoever looks here next."""
        words = forms.paragraphs("note", longest=notes.LONGEST)
        with transaction() as session:
            order = orders.find(session, order_id)
            notes.add(session, order.user_id, words, actor=person().actor, order_id=order_id)
        return done("It is noted.", "orders_page.show", order_id=order_id)

    @expose("/<uuid:order_id>/refund", methods=("POST",))
    def refund(self, order_id: UUID) -> Any:
        """Send money of a paid order back; sent twice, this form does it once."""
        amount, reference = forms.paise("amount"), forms.text("reference")
        reason = forms.text("reason")
        if reference is None or reason is None:
            raise invalid("#/reason", "is needed")
        if amount == 0:
            raise invalid("#/amount", "is nothing")
        with transaction() as session:
            kept = attempts.kept(session, order_id)
        if kept is None:
            raise invalid("#/amount", "nothing was captured and kept")
        request_refund(
            kept.payment_id, amount=amount, reason=reason, reference=reference,
            actor=person().actor, speed=current_app.config["ORA"].refund_speed,
        )  # fmt: skip
        return done("The money is on its way back.", "orders_page.show", order_id=order_id)

    @expose("/paper/<uuid:invoice_id>")
    def paper(self, invoice_id: UUID) -> Any:
        """Print an invoice or credit note."""
        with transaction() as session:
            found = invoices.find(session, invoice_id)
        name = found.number.replace("/", "-")
        answer = make_response(paper.pdf(found))
        answer.mimetype = "application/pdf"
        answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
        return answer


def find(session: Session, term: str) -> Order | None:
    """
    Find one order by the shape of what is searched for: each by an index.

    Its number or id, or a gateway's id of its payment or of a try to pay it.
    """
    query = _by_shape(storable(term) or "")
    return None if query is None else session.scalars(query.limit(1)).one_or_none()


def _is_of(term: str) -> ColumnElement[bool]:
    """Describe the orders of whoever has a mail address, or a phone number."""
    text = storable(term) or ""
    is_who = User.email == text.lower() if "@" in text else User.phone == _phone(text)
    return Order.user_id.in_(select(User.id).where(is_who))


def _by_shape(text: str) -> Any:
    if (order_id := read_id(text)) is not None:
        return select(Order).where(Order.id == order_id)
    if text.upper().startswith("ORA-"):
        return select(Order).where(Order.number == text.upper())
    if text.startswith(("order_", "pi_")):
        paid = select(Payment.order_id).where(Payment.gateway_order_id == text)
        return select(Order).where(Order.id.in_(paid))
    if text.startswith(("pay_", "ch_")):
        tried = select(PaymentAttempt.order_id).where(PaymentAttempt.gateway_payment_id == text)
        return select(Order).where(Order.id.in_(tried))
    return None


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)[-10:]
    return f"+91{digits}"


def _steps(order: Order) -> list[str]:
    return [step for step in STEPS if step in TRANSITIONS[order.status]]
