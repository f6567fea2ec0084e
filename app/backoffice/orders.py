"""Orders: found by whatever somebody has of one, seen whole, moved on by the legal steps alone."""

from typing import Any, ClassVar
from uuid import UUID, uuid4

from flask import current_app, flash, make_response, redirect, request, url_for
from flask_admin import expose
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import notes
from app.accounts.models import User
from app.backoffice import actors, chosen, finding, forms, history
from app.backoffice import narrowing as narrowed
from app.backoffice.narrowing import Narrowing
from app.backoffice.page import ADMINS, EVERYBODY, Page, back, done, person
from app.config import GATEWAYS
from app.core import sheets
from app.core.db import transaction
from app.core.pages import Page as Rows
from app.core.pages import newest_first
from app.core.problems import invalid
from app.core.replica import leafing
from app.fulfilment.cancel import CANCELLABLE, Wish, cancel_order
from app.fulfilment.filters import narrow
from app.fulfilment.preorders import not_arrived
from app.fulfilment.progress import STEPS, move_order, next_steps
from app.fulfilment.schemas import PAYMENT_STATUSES
from app.invoices import invoices, paper
from app.orders import orders
from app.orders.models import Order
from app.payments import attempts, payments, refunds
from app.returns import returns
from app.transfers import exports
from app.treasury.refund import request_refund

# What is packed, or about to be.
PACKED = ("confirmed", "processing")


class Orders(Page):
    """Orders."""

    GROUP = "Selling"
    ALLOWED: ClassVar = {
        "index": EVERYBODY, "show": EVERYBODY, "move": EVERYBODY, "cancel": EVERYBODY,
        "refund": ADMINS, "paper": EVERYBODY, "export": EVERYBODY, "add_note": EVERYBODY,
        "do_with_chosen": EVERYBODY, "slips": EVERYBODY,
    }  # fmt: skip

    @expose("/")
    def index(self) -> Any:
        """List the orders that fit, or go to the one that was searched for."""
        term, cursor = request.args.get("q", "").strip(), request.args.get("cursor")
        with leafing(cursor) as session:
            one = finding.find(session, term)
            if one is not None:
                return redirect(url_for("orders_page.show", order_id=one.id))
            narrowing = narrowed.read(session, request.args)
            is_narrow = bool(term or narrowing.written)
            told = self.render(
                "backoffice/orders.html", narrowing=narrowing, term=term, view=narrowing.view,
                views=narrowed.VIEWS, rows=_rows(session, narrowing, term, cursor),
                # What is open in all is no number of what is shown.
                counts={} if is_narrow else narrowed.counts(session),
                product=narrowed.product(session, term), payment_statuses=PAYMENT_STATUSES,
                gateways=GATEWAYS, offered=chosen.OFFERED.get(narrowing.view, ()),
                choosable=chosen.CHOOSABLE,
            )  # fmt: skip
        return make_response(told, 422 if narrowing.wrong else 200)

    @expose("/export")
    def export(self) -> Any:
        """Give the orders that fit as a file; that it was taken is written down."""
        with transaction() as session:
            filters = narrowed.well_read(session, request.args)
        return sheets.file("orders.csv", exports.export("orders", filters))

    @expose("/chosen", methods=("POST",))
    def do_with_chosen(self) -> Any:
        """Move the chosen ones on, each by itself, or go to their slips."""
        order_ids = chosen.read(request.form.getlist("order_id"))
        what = request.form.get("do", "")
        if what == "slips":
            return redirect(url_for("orders_page.slips", order_id=order_ids))
        if what not in chosen.STEPS:
            raise invalid("#/do", f"is none of {', '.join(chosen.STEPS)}")
        outcomes = list(chosen.move(order_ids, what, actor=person().actor))
        for tone, is_done in (("done", True), ("error", False)):
            lines = [one.words for one in outcomes if one.is_done == is_done]
            if lines:
                flash("\n".join(lines), tone)
        return back("orders_page.index")

    @expose("/slips")
    def slips(self) -> Any:
        """Show what goes into the parcels, to be printed: a sheet each, without prices."""
        found = chosen.found(chosen.read(request.args.getlist("order_id")))
        return self.render("backoffice/slips.html", orders=found, packed=PACKED)

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
                steps=next_steps(order),
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


def _rows(session: Session, narrowing: Narrowing, term: str, cursor: str | None) -> Rows[Order]:
    """Fetch the page of the list; none where nobody knows what is asked for."""
    if narrowing.wrong:
        return Rows([])
    query = narrow(select(Order), narrowing.filters)
    if term:
        query = query.where(finding.is_of(term))
    at, key = Order.created_at, Order.id
    return newest_first(session, query, at, key, limit=chosen.MOST, cursor=cursor)
