"""The history of an order: whatever any room of the shop knows of it, in one list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import trail
from app.audit.sources import Entry as Recorded
from app.backoffice.words import moment, words
from app.catalog.models import Product
from app.core.money import rupees
from app.fulfilment import timeline
from app.inventory.models import Reservation, StockMovement
from app.invoices import invoices
from app.messages import notifications
from app.orders.models import Order
from app.payments import attempts, payments, refunds
from app.returns import returns
from app.webhooks import history


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened: when, of which kind, what, by whom; and where more is to be seen."""

    at: datetime
    kind: str
    what: str
    text: str = ""
    actor: str | None = None
    link: str | None = None


def of_order(session: Session, order: Order, *, with_records: bool) -> Sequence[Entry]:
    """List what happened, the last thing first; with what the audit log has, if asked."""
    entries = [
        *_steps(session, order),
        *_reserved(session, order),
        *_tried(session, order),
        *_told(session, order),
        *_moved(session, order),
        *_written(session, order),
        *_sent_back(session, order),
    ]
    if with_records:
        entries += _recorded(session, order)
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _steps(session: Session, order: Order) -> Iterator[Entry]:
    for step in timeline.of_order(session, order):
        units = ", ".join(f"{units} {sku}" for sku, units in (step.units or {}).items())
        amount = None if step.amount is None else rupees(step.amount)
        text = " · ".join(filter(None, (amount, units, step.reason)))
        yield Entry(step.at, "order", step.what, text, step.actor)


def _reserved(session: Session, order: Order) -> Iterator[Entry]:
    held = select(Reservation, Product.sku).join(Product, Product.id == Reservation.product_id)
    for row, sku in session.execute(held.where(Reservation.order_id == order.id)):
        until = f" until {moment(row.deadline_at)}" if row.state == "pending" else ""
        text = f"{row.units} {sku}, {words(row.state)} now{until}"
        yield Entry(row.created_at, "reservation", "reserved", text, link=_product(sku))
    if order.extended_at is not None:
        yield Entry(order.extended_at, "reservation", "extended", "a payer was at work")


def _tried(session: Session, order: Order) -> Iterator[Entry]:
    for payment in payments.of_order(session, order.id):
        for tried in attempts.of_payment(session, payment.id):
            facts = (
                rupees(tried.amount), tried.method, tried.gateway_payment_id, tried.error_reason
            )  # fmt: skip
            text = " · ".join(filter(None, facts))
            what = f"tried to pay, {words(tried.status)} now"
            yield Entry(tried.begun_at or tried.created_at, "payment", what, text)


def _told(session: Session, order: Order) -> Iterator[Entry]:
    """Tell what the gateway told the shop, and the shop its customer."""
    opened = payments.of_order(session, order.id)
    names = [payment.gateway_order_id for payment in opened if payment.gateway_order_id]
    for event in history.of_gateway_orders(session, names):
        text = f"{words(event.status)} now" + (f": {event.note}" if event.note else "")
        link = url_for("inbox.show", event_id=event.event_id)
        yield Entry(event.received_at, "webhook", event.event, text, event.gateway, link)
    for told in notifications.of_order(session, order.user_id, order.id):
        lost = f"the mail cannot arrive: {told.mail_error}" if told.mail_error else ""
        yield Entry(told.created_at, "message", told.title, lost)


def _moved(session: Session, order: Order) -> Iterator[Entry]:
    moves = select(StockMovement, Product.sku).join(Product, Product.id == StockMovement.product_id)
    for row, sku in session.execute(moves.where(StockMovement.order_id == order.id)):
        text = f"{row.units:+d} {sku}, {row.balance} on hand after"
        yield Entry(row.created_at, "stock", row.kind, text, row.actor, _product(sku))


def _written(session: Session, order: Order) -> Iterator[Entry]:
    for paper in invoices.of_order(session, order.id):
        link = url_for("orders_page.paper", invoice_id=paper.id)
        text = f"{paper.number} · {rupees(paper.total)}"
        yield Entry(paper.issued_at, "paper", paper.kind, text, link=link)


def _sent_back(session: Session, order: Order) -> Iterator[Entry]:
    for one in returns.of_order(session, order.id):
        link = url_for("returned.show", return_id=one.id)
        for step in one.steps:
            yield Entry(step.created_at, "return", step.status, step.note or "", step.actor, link)


def _recorded(session: Session, order: Order) -> Iterator[Entry]:
    """Tell what somebody changed, besides what the other tables tell of themselves."""
    opened = payments.of_order(session, order.id)
    subjects = [("orders", str(order.id))]
    subjects += [("order_lines", f"{order.id}/{line.position}") for line in order.lines]
    subjects += [("payments", str(payment.id)) for payment in opened]
    subjects += [("refunds", str(refund.id)) for refund in refunds.of_order(session, order.id)]
    subjects += [
        ("payment_attempts", tried.gateway_payment_id)
        for payment in opened
        for tried in attempts.of_payment(session, payment.id)
    ]
    for entry in trail.of_subjects(session, subjects):
        link = url_for("log.index", subject=entry.subject, subject_id=entry.subject_id)
        what = f"{words(entry.action)} of {words(entry.subject)}"
        yield Entry(entry.at, "audit", what, _changes(entry), entry.actor, link)


def _changes(entry: Recorded) -> str:
    before, after = entry.before or {}, entry.after or {}
    if entry.action != "update":
        return ""
    return ", ".join(
        f"{words(name)}: {_value(before, name)} → {_value(after, name)}" for name in after
    )


def _value(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    return "nothing" if value is None else str(value)


def _product(sku: str) -> str:
    return url_for("shelf.show", sku=sku)
