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
from app.payments.models import PaymentAttempt, Refund


def check(sandbox_url: str) -> Iterator[tuple[str, str, bool]]:
    """Yield what was checked, what was found, and whether it holds."""
    with transaction() as session:
        yield _redis_equals_postgres(session)
        yield _ledger_adds_up(session)
        yield _nothing_drifted(session)
        yield _captures_ended(session)
        yield _gateway_agrees(session, sandbox_url)
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


def _captures_ended(session: Session) -> tuple[str, str, bool]:
    kept = PaymentAttempt.outcome == "kept"
    count = select(func.count(), func.coalesce(func.sum(PaymentAttempt.amount), 0))
    captured = PaymentAttempt.status == "captured"
    number, amount = session.execute(count.where(captured, kept)).one()
    open_ended = session.execute(count.where(captured, PaymentAttempt.outcome.is_(None))).one()[0]
    found = f"{number} kept ({amount} paise), {open_ended} without an end"
    return "Every capture kept or sent back", found, open_ended == 0


def _gateway_agrees(session: Session, sandbox_url: str) -> tuple[str, str, bool]:
    books: dict[str, Any] = requests.get(f"{sandbox_url}/sandbox/books", timeout=10).json()
    theirs = sum(p["amount"] for p in books["payments"] if p["captured"])
    returned = sum(r["amount"] for r in books["refunds"])
    ours = session.scalar(
        select(func.coalesce(func.sum(PaymentAttempt.amount), 0)).where(
            PaymentAttempt.status == "captured"
        )
    )
    sent = session.scalar(
        select(func.coalesce(func.sum(Refund.amount), 0)).where(Refund.status == "processed")
    )
    found = f"captured {theirs}, refunded {returned} paise"
    return "Our books equal to the gateway's", found, (ours, sent) == (theirs, returned)


def _jobs_done(session: Session) -> tuple[str, str, bool]:
    waiting = session.scalar(select(func.count()).where(Job.done_at.is_(None)))
    done = session.scalar(select(func.count()).where(Job.done_at.is_not(None)))
    return "Every job done", f"{done} done, {waiting} waiting", waiting == 0
