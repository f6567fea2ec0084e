"""What keeps the stock tidy and true, in the background."""

import time
from collections.abc import Sequence

import structlog

from app.config import load_settings
from app.core import jobs
from app.core.announcements import announce
from app.core.db import transaction
from app.core.problems import ServiceUnavailable
from app.core.redis_client import redis
from app.inventory import gathering, low, reconciler, reservations, stock

log = structlog.get_logger(__name__)

BATCH = 100
# Others wait for this queue's worker meanwhile; what is left is another job's, a little later.
BUDGET_SECONDS = 5
PAUSE_SECONDS = 1
# Longer than any step between Redis and Postgres takes with every time-out at its worst.
GRACE_SECONDS = 30
# In one mail; the list of all is at /api/v1/admin/inventory.
MOST_TOLD = 100


def sweep_reservations() -> None:
    """Return what has run out of products that nobody touches."""
    reservations.sweep(redis())


def start_reconciliation() -> None:
    """Begin to compare all products, unless that is under way."""
    with transaction() as session:
        jobs.stage_if_none(session, "stock.reconcile", after="")


def reconcile(after: str) -> None:
    """Compare the products after a SKU, in the time there is; suspects are looked at again."""
    stop_at = time.monotonic() + BUDGET_SECONDS
    try:
        skus = _compare(after)
        while len(skus) == BATCH and time.monotonic() < stop_at:
            skus = _compare(skus[-1])
    except ServiceUnavailable:
        # Not tried again with growing pauses: in a minute the clock begins anew.
        log.info("stock.not_compared", after=after)
        return
    if len(skus) == BATCH:
        with transaction() as session:
            jobs.stage(session, "stock.reconcile", delay=PAUSE_SECONDS, after=skus[-1])


def _compare(after: str) -> Sequence[str]:
    """Compare the next products, and have those that differ looked at again after the grace."""
    with transaction() as session:
        skus = stock.page(session, is_low=False, limit=BATCH, after=after)
        found = reconciler.suspicions(session, redis(), skus, longest_ms=_longest_ms())
        for sku, suspected in found.items():
            jobs.stage(session, "stock.repair", delay=GRACE_SECONDS, sku=sku, suspected=suspected)
        gathered = gathering.gathered(session, skus)
    for sku in gathered:
        # Units are free again: a product that may be split is, as any load does it.
        with transaction() as session:
            stock.load(session, redis(), [sku], is_forced=True)
    return skus


def repair(sku: str, suspected: list[str]) -> None:
    """Look at a suspect again; what still differs is written down and repaired."""
    reconciler.repair(redis(), sku, suspected, longest_ms=_longest_ms())


def look_for_low_stock() -> None:
    """Tell of products that are about to be sold out, each once until there is more of it."""
    with transaction() as session:
        found = low.newly_low(session)
        for one in found:
            announce(session, "stock.low", one.product_id)
        if found:
            lines = [f"{one.sku}, {one.name}: {one.available}" for one in found[:MOST_TOLD]]
            jobs.stage(session, "mail.send_low_stock", lines=lines, products=len(found))


def _longest_ms() -> int:
    return load_settings().longest_reservation_seconds * 1000
