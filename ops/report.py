"""What a restore came to: what the books have, what was found elsewhere, what is left to do."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.core.jobs import Job
from app.core.money import rupees
from app.inventory.models import StockMovement
from app.invoices.models import InvoiceSeries
from app.orders.models import Order
from app.payments.models import Difference, Payment, Refund
from app.payments.terms import AttemptNews
from app.subscribers.models import Subscriber
from app.treasury.audit import Finding, Totals
from app.webhooks.models import WebhookEvent

DAYS_OF_LATE_MONEY = 5


@dataclass
class Gateway:
    """What one gateway knew that the books did not."""

    name: str
    differences: list[Difference] = field(default_factory=list)
    unknown: list[AttemptNews] = field(default_factory=list)
    sent_back: list[str] = field(default_factory=list)
    trouble: str | None = None

    @property
    def is_well(self) -> bool:
        """Tell whether nothing of it is left to a person."""
        return (
            self.trouble is None
            and all(one.is_repaired for one in self.differences)
            and len(self.sent_back) == len(self.unknown)
        )


@dataclass
class Report:
    """All of it."""

    since: datetime
    gateways: list[Gateway] = field(default_factory=list)
    products: int = 0
    drifts: dict[str, list[str]] = field(default_factory=dict)
    totals: Totals = field(default_factory=lambda: Totals(0, 0, 0, 0))
    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    last_order: tuple[str, datetime] | None = None
    last_movement: tuple[str, datetime] | None = None
    invoices: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Tell whether stock, money and gateways agree."""
        return not self.drifts and not self.findings and all(one.is_well for one in self.gateways)


def read(session: Session, found: Report) -> None:
    """Read what the books have."""
    order, movement = Order, StockMovement
    newest = select(order.number, order.created_at).order_by(order.created_at.desc()).limit(1)
    found.last_order = _pair(session.execute(newest).first())
    last = select(movement.reference, movement.created_at).order_by(movement.id.desc()).limit(1)
    found.last_movement = _pair(session.execute(last).first())
    series = select(
        InvoiceSeries.kind, InvoiceSeries.financial_year, InvoiceSeries.last_serial
    ).order_by(InvoiceSeries.financial_year, InvoiceSeries.kind)
    found.invoices = [(row[0], row[1], row[2]) for row in session.execute(series)]
    is_open = Job.done_at.is_(None), Job.failed_at.is_(None)
    wanted = {
        "orders": select(func.count()).select_from(Order),
        "pending orders": select(func.count()).where(Order.status == "pending"),
        "payments to ask about": select(func.count()).where(Payment.next_poll_at.is_not(None)),
        "refunds under way": select(func.count()).where(Refund.status == "pending"),
        "jobs to work": select(func.count()).select_from(Job).where(*is_open),
        "mails among them": select(func.count()).where(*is_open, Job.queue == "mail"),
        "webhooks to work": select(func.count()).where(WebhookEvent.status == "received"),
        "subscribers": select(func.count()).select_from(Subscriber),
    }
    found.counts = {name: session.scalar(query) or 0 for name, query in wanted.items()}


def lines(found: Report) -> Iterator[str]:
    """Write it for a person."""
    counts = found.counts
    yield f"Restored to  {found.since}"
    yield f"Orders       {counts['orders']}, {counts['pending orders']} pending; " + _last(
        found.last_order
    )
    yield f"Ledger       {_last(found.last_movement)}"
    differ = f"{len(found.drifts)} of them differ from Redis or their ledger"
    yield f"Stock        {found.products} products loaded, {differ}"
    yield from (f"             {sku}: {', '.join(names)}" for sku, names in found.drifts.items())
    totals = found.totals
    money = f"captured {rupees(totals.captured)}, refunded {rupees(totals.refunded)}, kept "
    yield f"Money        {money}{rupees(totals.kept)}; {len(found.findings)} findings"
    yield from (f"             {f.kind}: {f.subject} ({f.detail})" for f in found.findings)
    for one in found.gateways:
        yield from _of_gateway(one)
    under_way = ("payments to ask about", "refunds under way", "jobs to work", "webhooks to work")
    yield "Under way    " + ", ".join(f"{counts[name]} {name}" for name in under_way)
    yield from (
        f"Invoices     the last {kind} of {year} is {n}" for kind, year, n in found.invoices
    )
    yield "To do"
    yield from (f"  {number}. {what}" for number, what in enumerate(_to_do(found), 1))


def _of_gateway(one: Gateway) -> Iterator[str]:
    repaired = sum(difference.is_repaired for difference in one.differences)
    told = f"{len(one.differences)} differences, {repaired} of them repaired"
    yield f"{one.name:<12} {told}; {len(one.unknown)} captures of orders that the books do not know"
    if one.trouble is not None:
        yield f"             was not asked to the end: {one.trouble}"
    for difference in one.differences:
        what = f"{difference.kind} {difference.subject}: {difference.ours} here"
        end = " (repaired)" if difference.is_repaired else ""
        yield f"             {what}, {difference.theirs} there{end}"
    for capture in one.unknown:
        left = rupees(capture.amount - capture.amount_refunded)
        end = "sent back" if capture.gateway_payment_id in one.sent_back else "NOT SENT BACK"
        at = capture.created_at
        yield (
            f"             {capture.gateway_payment_id} for {capture.gateway_order_id}, {left}, "
            f"{at}: {end}"
        )


def _to_do(found: Report) -> Iterator[str]:
    if found.drifts:
        yield "Look into the stock that differs: `flask check-stock --repair`, then again."
    if found.findings:
        yield "Look into the findings of money before the shop opens: docs/money.md."
    for one in found.gateways:
        yield from _to_do_at(one)
    if found.invoices:
        yield (
            "Invoices with later numbers than these may have been sent out: docs/backup.md, "
            '"What a restore cannot know".'
        )
    if found.counts["subscribers"]:
        yield "Tell the owners of subscribed systems that what they heard since then is void."
    if found.counts["mails among them"]:
        yield f"{found.counts['mails among them']} mails go out when the workers start, some again."
    yield "Point DATABASE_URL at the restored cluster, start web, workers and clock."
    yield "Begin a new archive, and take a base backup of the restored cluster at once."
    yield (
        f"For {DAYS_OF_LATE_MONEY} days, daily, the shop running, for what is captured late: "
        f"`python -m ops.reconcile --gateways-only --since {found.since.isoformat()}`."
    )


def _to_do_at(one: Gateway) -> Iterator[str]:
    if one.trouble is not None:
        yield f"Do this again once {one.name} answers."
    if any(not difference.is_repaired for difference in one.differences):
        yield f"Look into what {one.name} has otherwise and was not repaired."
    if len(one.sent_back) < len(one.unknown):
        yield (
            f"Send the captures of lost orders at {one.name} back: again with --refund-unknown, "
            "or one by one at its dashboard where other shops share it."
        )


def _last(found: tuple[str, datetime] | None) -> str:
    return "none" if found is None else f"the last is {found[0]} of {found[1]}"


def _pair(row: Any) -> tuple[str, datetime] | None:
    return None if row is None else (row[0], row[1])
