"""What keeps the stock tidy and true, in the background."""

import time
from collections.abc import Sequence

from app.config import load_settings
from app.core import jobs
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import reconciler, reservations, stock

BATCH = 100
# Well within a job's lease; what is left is another job's.
BUDGET_SECONDS = 30
# Longer than any step between Redis and Postgres takes with every time-out at its worst.
GRACE_SECONDS = 30


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
    skus = _compare(after)
    while len(skus) == BATCH:
        after = skus[-1]
        if time.monotonic() >= stop_at:
            with transaction() as session:
                jobs.stage(session, "stock.reconcile", after=after)
            return
        skus = _compare(after)


def _compare(after: str) -> Sequence[str]:
    """Compare the next products, and have those that differ looked at again after the grace."""
    with transaction() as session:
        skus = stock.page(session, is_low=False, limit=BATCH, after=after)
        found = reconciler.suspicions(session, redis(), skus, longest_ms=_longest_ms())
        for sku, suspected in found.items():
            jobs.stage(session, "stock.repair", delay=GRACE_SECONDS, sku=sku, suspected=suspected)
    return skus


def repair(sku: str, suspected: list[str]) -> None:
    """Look at a suspect again; what still differs is written down and repaired."""
    reconciler.repair(redis(), sku, suspected, longest_ms=_longest_ms())


def _longest_ms() -> int:
    return load_settings().longest_reservation_seconds * 1000
