"""
Invoices are written: when an order is shipped, and when something of it goes back after that.

What was given up before the parcel left was never supplied, so that it is on no invoice. All is
looked at anew each time, under the order's lock, and has one reference: a job that runs again, or
out of order, writes what is missing and nothing twice.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.config import Settings
from app.core import jobs
from app.invoices import facts, figures, invoices, series
from app.invoices.figures import Item
from app.invoices.models import Invoice
from app.orders import orders
from app.orders.models import Order
from app.payments import attempts, payments, refunds
from app.returns import returns
from app.returns.models import Return

SHIPPED = ("shipped", "delivered", "return_requested", "returned")
REDUCED = "reduced:"
EVENTS = ("order.shipped", "return.received", "refund.processed")


def tell(session: Session, event: str, subject: UUID, _: UUID) -> None:
    """Have invoices written after an event that needs them."""
    if event in EVENTS:
        jobs.stage(session, "invoices.write", event=event, subject=str(subject))


def order_of(session: Session, event: str, subject: UUID) -> UUID:
    """Tell which order an event is about."""
    if event == "return.received":
        return returns.find(session, subject).order_id
    if event == "refund.processed":
        refund = refunds.find(session, subject)
        return payments.of_attempt(session, refund.gateway_payment_id).order_id
    return subject


def write_invoices(session: Session, settings: Settings, order_id: UUID) -> None:
    """Write what is missing of an order's invoice and credit notes."""
    order = orders.lock(session, order_id)
    if order.status not in SHIPPED:
        return
    written = {one.reference: one for one in invoices.of_order(session, order_id)}
    name = f"order:{order_id}"
    invoice = written.get(name)
    if invoice is None:
        sold = _sold(order)
        if not figures.total(sold):
            return
        invoice = _write(session, settings, order, name, sold)
    left = invoice.total - sum(one.total for one in written.values() if one.kind == "credit_note")
    for name, items, reason in _credits(session, order):
        amount = min(figures.total(items), left)
        if name in written or not amount:
            continue
        left -= amount
        fitting = (
            items if amount == figures.total(items) else [figures.of_amount(order, reason, amount)]
        )
        _write(session, settings, order, name, fitting, against=invoice, reason=reason)


def _sold(order: Order) -> list[Item]:
    items = [
        figures.of_units(line, line.cancelled_quantity, line.quantity - line.cancelled_quantity)
        for line in order.lines
        if line.quantity > line.cancelled_quantity
    ]
    if order.shipping_fee:
        items.append(figures.of_amount(order, "Shipping", order.shipping_fee))
    return items


def _credits(session: Session, order: Order) -> Iterator[tuple[str, list[Item], str]]:
    """List all that ever went back of an order since it was shipped: name, figures, reason."""
    before = Counter({line.sku: line.cancelled_quantity for line in order.lines})
    for one in returns.received_of(session, order.id):
        yield f"return:{one.id}", _came_back(order, one, before), "Goods returned"
    reduced, noted = _reduced(session, order), _noted(session, order)
    if reduced > noted:
        reason = "Price reduced"
        name = f"{REDUCED}{order.id}:{reduced}"
        yield name, [figures.of_amount(order, reason, reduced - noted)], reason


def _reduced(session: Session, order: Order) -> int:
    """
    Tell how many paise went back in all for nothing that was given up or returned.

    By the sums, since the same money may go back by another refund than was meant for it.
    """
    kept = attempts.kept(session, order.id)
    went_back = sum(
        refund.amount
        for refund in refunds.of_order(session, order.id)
        if refund.status == "processed" and kept
        and refund.gateway_payment_id == kept.gateway_payment_id
    )  # fmt: skip
    given_up = sum(one.amount for one in orders.cancellations(session, order.id))
    returned = sum(one.refund_amount or 0 for one in returns.received_of(session, order.id))
    return went_back - given_up - returned


def _noted(session: Session, order: Order) -> int:
    """Tell how much of that is on notes already."""
    written = invoices.of_order(session, order.id)
    return sum(one.total for one in written if one.reference.startswith(REDUCED))


def _came_back(order: Order, one: Return, before: Counter[str]) -> list[Item]:
    came = {line.sku: line.received for line in one.lines if line.received}
    items = [
        figures.of_units(line, before[line.sku], came[line.sku])
        for line in order.lines
        if line.sku in came
    ]
    before.update(came)
    fee = (one.refund_amount or 0) - figures.total(items)
    if fee > 0:
        items.append(figures.of_amount(order, "Shipping", fee))
    return items


def _write(
    session: Session,
    settings: Settings,
    order: Order,
    reference: str,
    items: Sequence[Item],
    *,
    against: Invoice | None = None,
    reason: str | None = None,
) -> Invoice:
    skus = [item.sku for item in items if item.sku]
    found = session.scalars(select(Product).where(Product.sku.in_(skus)))
    invoice = Invoice(
        kind="invoice" if against is None else "credit_note",
        order_id=order.id,
        reference=reference,
        total=figures.total(items),
        facts=facts.collect(
            settings, order, items, {p.sku: p for p in found}, against=against, reason=reason
        ),
    )
    series.number(session, invoice)
    session.add(invoice)
    session.flush()
    return invoice
