"""What has to be true of money and stock once nothing is due any more: both books, both ways."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.alerts.models import Alert
from app.core.jobs import Job
from app.inventory.models import StockMovement
from app.orders.models import OrderLine
from app.treasury import audit, reconciliation
from app.webhooks.models import WebhookEvent
from tests.builders import values
from tests.races import books
from tests.races.money_bank import CASH, RAZORPAY, STRIPE
from tests.races.money_ledger import CONFIRMED, RANKS

STORYLESS = "no story for this event"
A_MOMENT = timedelta(minutes=10)


def days() -> list[date]:
    """Name the days of India that a test may have begun in, the latest last."""
    now = datetime.now(UTC)
    return sorted({at.astimezone(reconciliation.INDIA).date() for at in (now - A_MOMENT, now)})


def check(machine: Any) -> None:
    """Look at everything."""
    jobs = select(Job.name, Job.attempts, Job.last_error).where(Job.done_at.is_(None))
    waiting = values(machine.session.execute(jobs))
    assert not waiting, f"not done: {waiting}"
    check_inbox(machine)
    check_findings(machine)
    check_captures(machine)
    check_tries(machine)
    check_refunds(machine)
    check_disputes(machine)
    check_days(machine)
    check_orders(machine)
    check_stock(machine)
    check_alerts(machine)


def check_inbox(machine: Any) -> None:
    """Every event was worked; none was taken for somebody else's."""
    columns = WebhookEvent.event, WebhookEvent.status, WebhookEvent.note
    rows = values(machine.session.execute(select(*columns)))
    ended = {"processed", "ignored"}
    strange = [
        row for row in rows if row[1] not in ended or (row[1] == "ignored" and row[2] != STORYLESS)
    ]
    assert not strange, f"not worked: {strange}"


def check_findings(machine: Any) -> None:
    """The audit finds nothing but what only a gateway, a bank or a person can put right."""
    seen = machine.seen
    tries = {one.id: one for one in seen.tries}
    for finding in audit.findings(machine.session):
        one = tries.get(finding.subject)
        machine.count(f"finding: {finding.kind}")
        if finding.kind in ("money_of_nobody", "kept_for_no_order"):
            assert seen.has_failed_refund(one.id), f"nobody sends it back: {one}"
        elif finding.kind == "more_went_back_than_came":
            assert machine.went(one.id) > one.amount, f"it did not: {one}"
        else:
            raise AssertionError(f"{finding}: {seen}")
    totals = audit.totals(machine.session)
    captured = [one for one in seen.tries if one.status == "captured"]
    kept = sum(one.left for one in captured if one.outcome == "kept")
    gone = sum(one.left for one in captured if one.outcome == "refunded")
    summed = sum(one.amount for one in captured), kept, gone
    told = totals.captured, totals.kept, totals.unaccounted
    assert told == summed, f"{totals} of {captured}"


def check_captures(machine: Any) -> None:
    """Money is kept by one capture of an order that is delivered, and by no other."""
    seen = machine.seen
    for payment in seen.payments:
        tries = [one for one in seen.tries if one.payment_id == payment.id and one.outcome]
        if tries and all(seen.is_all_back(one) for one in tries):
            assert payment.status == "refunded", f"{payment} {tries}"
    for order in seen.orders:
        kept = seen.kept(order.id)
        if order.status not in CONFIRMED:
            # What was paid for one that was given up goes back, if the gateway does it.
            stays = [one for one in kept if one.left and not seen.has_failed_refund(one.id)]
            assert stays == [], f"kept for no order: {order}"
        if order.was_confirmed and not order.pays_on_delivery:
            assert len(kept) == 1, f"nobody paid: {order}"
        for one in kept:
            is_any = any(r.status == "processed" for r in seen.refunds_of(one.id))
            is_all = seen.is_all_back(one)
            expected = "refunded" if is_all else "partially_refunded" if is_any else "captured"
            status = next(p.status for p in seen.payments if p.id == one.payment_id)
            assert (status, order.payment_status) == (expected, expected), f"{order} {one}"


def check_tries(machine: Any) -> None:
    """Each capture at a gateway is one in our books, and the other way round."""
    ours = {one.id: one for one in machine.seen.tries if one.gateway != CASH}
    theirs = {one.id: one for one in machine.of_the_shop()}
    for one in theirs.values():
        own = ours.get(one.id)
        if one.status == "captured":
            assert own is not None, f"nobody here knows of {one}"
            assert (own.status, own.amount) == (one.status, one.amount), f"{own} is {one}"
    for own in ours.values():
        one = theirs[own.id]
        assert RANKS[own.status] <= RANKS[one.status], f"{own} is {one}"


def check_refunds(machine: Any) -> None:
    """Each refund of a capture is in both books, with its amount and its end."""
    seen = machine.seen
    captured = {one.id for one in machine.captured()}
    theirs = {back.id: back for back in machine.backs if back.payment_id in captured}
    ours = {refund.gateway_id: refund for refund in seen.refunds if refund.gateway_id}
    for back in theirs.values():
        own = ours.get(back.id)
        assert own is not None, f"nobody here knows of {back}"
        is_ours = back.receipt is not None
        assert (own.amount, own.payment_id, own.status, own.is_ours) == (
            back.amount, back.payment_id, back.status, is_ours,
        ), f"{own} is {back}"  # fmt: skip
    tries = {one.id: one for one in seen.tries}
    for refund in seen.refunds:
        if tries[refund.payment_id].gateway == CASH:
            assert refund.gateway_id, f"nobody pays it out: {refund}"
        elif refund.gateway_id is None:
            # A dispute whose end nobody told of holds it as well.
            is_held = machine.is_claimed(refund.payment_id) or seen.is_disputed(refund.payment_id)
            assert refund.is_given_up or is_held, f"stuck: {refund}"
        else:
            assert refund.gateway_id in theirs, f"the gateway knows nothing of {refund}"


def check_disputes(machine: Any) -> None:
    """What a bank took is written, as far as anybody told."""
    untold = " ".join(event.body for event in machine.untold())
    lost: dict[str, int] = defaultdict(int)
    silent = set()
    ours = {dispute.id: dispute for dispute in machine.seen.disputes}
    for claim in machine.bank.claims():
        if claim.id in untold:
            # There is no other way to hear of it.
            silent.add(claim.payment_id)
            machine.count("untold dispute")
            continue
        own = ours[claim.id]
        assert (own.is_open, own.deducted) == (claim.is_open, claim.lost), f"{own} is {claim}"
        lost[claim.payment_id] += claim.lost
    for one in machine.seen.tries:
        assert one.id in silent or one.lost == lost[one.id], f"{one} lost {lost[one.id]}"


def check_days(machine: Any) -> None:
    """Compared once more, no day has a difference."""
    for name in (RAZORPAY, STRIPE):
        for day in days():
            found = reconciliation.reconcile_day(name, day)
            told = [(d.kind, d.subject, d.ours, d.theirs) for d in found.differences]
            assert not told, f"differences: {told}"
            ours = found.captured, found.refunded
            theirs = found.captured_at_gateway, found.refunded_at_gateway
            assert (ours, found.foreign_payments) == (theirs, 0), f"{found}"


def check_orders(machine: Any) -> None:
    """Units were sold to those who paid or promised to, once, and to nobody else."""
    sold = select(StockMovement.order_id, StockMovement.reference, StockMovement.units).where(
        StockMovement.kind == "sale"
    )
    confirmed = [order.id for order in machine.seen.orders if order.was_confirmed]
    wanted = select(OrderLine.order_id, OrderLine.sku, OrderLine.quantity).where(
        OrderLine.order_id.in_(confirmed)
    )
    told = Counter(values(machine.session.execute(sold)))
    due = Counter(
        (order_id, f"sale:{order_id}:{sku}", -units)
        for order_id, sku, units in machine.session.execute(wanted)
    )
    assert told == due, f"sold: {told}, to be sold: {due}"


def check_stock(machine: Any) -> None:
    """Redis has what Postgres has."""
    skus = list(machine.skus.values())
    for shelf in books.look(machine.session, machine.redis, skus).values():
        pending = sum(row.units for row in shelf.rows if row.state == "pending")
        if shelf.is_known:
            assert not shelf.committed, f"{shelf}"
            assert shelf.available() == shelf.on_hand - pending, f"{shelf}"


def check_alerts(machine: Any) -> None:
    """A person was told of what only a person can put right."""
    rows = machine.session.execute(select(Alert.kind, Alert.subject, Alert.closed_at.is_(None)))
    alerts = {(kind, subject): is_open for kind, subject, is_open in rows}
    for refund in machine.seen.refunds:
        if refund.status == "failed" and not refund.is_given_up:
            assert ("refund_failed", str(refund.id)) in alerts, f"nobody was told: {refund}"
        is_stuck = (refund.status, refund.gateway_id) == ("pending", None)
        if is_stuck and not machine.seen.is_disputed(refund.payment_id):
            assert alerts.get(("refund_stuck", str(refund.id))), f"nobody was told: {refund}"
    for dispute in machine.seen.disputes:
        told = alerts.get(("dispute", dispute.id), False)
        assert told == dispute.is_open, f"{dispute}: {alerts}"
