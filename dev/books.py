"""What has to be true of the books, counted in Postgres, Redis and at the gateway."""

from collections.abc import Iterator
from typing import Any

import requests
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalog.models import Product
from app.core.db import transaction
from app.core.jobs import Job
from app.core.redis_client import redis
from app.inventory import ledger, reconciler, scripts
from app.inventory.errors import UnknownToRedisError
from app.inventory.models import Reservation
from app.inventory.terms import Levels
from app.payments.models import Payment, PaymentAttempt, Refund
from app.treasury import audit


def check(sandbox_url: str) -> Iterator[tuple[str, str, bool]]:
    """Yield what was checked, what was found, and whether it holds."""
    with transaction() as session:
        yield _redis_equals_postgres(session)
        yield _ledger_adds_up(session)
        yield _nothing_drifted(session)
        yield _money_adds_up(session)
        yield _razorpay_agrees(session, sandbox_url)
        yield _stripe_agrees(session, sandbox_url)
        yield _jobs_done(session)


def _redis_equals_postgres(session: Session) -> tuple[str, str, bool]:
    held = (
        select(Product.sku, func.sum(Reservation.units))
        .join(Product, Product.id == Reservation.product_id)
        .where(Reservation.state == "pending")
        .group_by(Product.sku)
    )
    pending = {sku: units for sku, units in session.execute(held)}  # noqa: C416 - rows, not pairs
    numbers = session.execute(select(Product.sku, Product.stock_quantity))
    on_hand = {sku: quantity for sku, quantity in numbers}  # noqa: C416
    different = [
        sku
        for sku, quantity in on_hand.items()
        if not _equal(_levels(sku), quantity, pending.get(sku, 0))
    ]
    return (
        "Redis equal to Postgres",
        f"{len(on_hand) - len(different)} of {len(on_hand)} SKUs {' '.join(different)}".strip(),
        not different,
    )


def _levels(sku: str) -> Levels | None:
    """Ask Redis alone; what nobody touched yet is unknown to it, which is not a difference."""
    try:
        return scripts.levels(redis(), [sku])[sku]
    except UnknownToRedisError:
        return None


def _equal(levels: Levels | None, on_hand: int, reserved: int) -> bool:
    return levels is None or levels == Levels(on_hand, reserved, 0)


def _ledger_adds_up(session: Session) -> tuple[str, str, bool]:
    wrong = ledger.disagreements(session)
    products = session.scalar(select(func.count()).select_from(Product)) or 0
    return "On hand equal to the ledger's sum", f"{products - len(wrong)} SKUs", not wrong


def _nothing_drifted(session: Session) -> tuple[str, str, bool]:
    found = sum(reconciler.drifts_by_kind(session).values())
    return "Drift found by the reconciler", f"{found}", found == 0


def _money_adds_up(session: Session) -> tuple[str, str, bool]:
    totals = audit.totals(session)
    wrong = [f"{finding.kind} {finding.subject}" for finding in audit.findings(session)]
    found = f"{totals.captured} = {totals.refunded} + {totals.kept} paise {' '.join(wrong)}".strip()
    return "Captured = refunded + kept", found, not wrong and not totals.unaccounted


def _razorpay_agrees(session: Session, sandbox_url: str) -> tuple[str, str, bool]:
    books: dict[str, Any] = requests.get(f"{sandbox_url}/sandbox/books", timeout=10).json()
    captured = {p["id"]: p["amount"] for p in books["payments"] if p["captured"]}
    returned = sum(r["amount"] for r in books["refunds"] if r["payment_id"] in captured)
    theirs = sum(captured.values()), returned
    return _agreement("razorpay", theirs, _ours(session, "razorpay"))


def _stripe_agrees(session: Session, sandbox_url: str) -> tuple[str, str, bool]:
    books: dict[str, Any] = requests.get(f"{sandbox_url}/stripe/sandbox/books", timeout=10).json()
    captured = sum(c["amount_captured"] for c in books["charges"] if c["captured"])
    returned = sum(r["amount"] for r in books["refunds"])
    return _agreement("stripe", (captured, returned), _ours(session, "stripe"))


def _ours(session: Session, gateway: str) -> tuple[int, int]:
    """Sum up what the shop says was captured and went back at a gateway."""
    of_gateway = (
        PaymentAttempt.status == "captured",
        PaymentAttempt.payment_id == Payment.id,
        Payment.gateway == gateway,
    )
    captured = select(func.coalesce(func.sum(PaymentAttempt.amount), 0)).where(*of_gateway)
    returned = select(func.coalesce(func.sum(Refund.amount), 0)).where(
        *of_gateway,
        Refund.gateway_payment_id == PaymentAttempt.gateway_payment_id,
        Refund.status == "processed",
    )
    return int(session.scalar(captured) or 0), int(session.scalar(returned) or 0)


def _agreement(
    gateway: str, theirs: tuple[int, int], ours: tuple[int, int]
) -> tuple[str, str, bool]:
    found = f"captured {theirs[0]}, refunded {theirs[1]} paise"
    return f"Our books equal to {gateway}'s", found, ours == theirs


def is_every_job_done() -> bool:
    """Tell whether nothing is due any more; what was announced sets more going for a while."""
    with transaction() as session:
        return _jobs_done(session)[2]


def _jobs_done(session: Session) -> tuple[str, str, bool]:
    # What is for later, such as looking whether a promise was kept, is not due yet.
    is_due = (Job.due_at <= func.now()) | (Job.attempts > 0)
    waiting = session.scalar(select(func.count()).where(Job.done_at.is_(None), is_due))
    done = session.scalar(select(func.count()).where(Job.done_at.is_not(None)))
    return "Every job done", f"{done} done, {waiting} waiting", waiting == 0
