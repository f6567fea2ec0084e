"""What has served its time is forgotten, in steps so small that nobody waits for them."""

import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from sqlalchemy.orm import Session

from app.accounts import passwords
from app.checkout import idempotency
from app.core import jobs
from app.core.db import transaction
from app.fulfilment import leave
from app.messages import notifications
from app.subscribers import deliveries
from app.transfers import imports

log = structlog.get_logger(__name__)

STEP = 1_000
# The queue's other jobs wait meanwhile; what is left is the next run's.
BUDGET_SECONDS = 10
# Long enough to look into what happened last week.
JOBS_KEPT = timedelta(days=7)
# Answers are promised for a day; who repeats a request of last week is still told the same.
ANSWERS_KEPT = timedelta(days=30)
# A delivery is tried for three days, and may be replayed for the rest of these.
DELIVERIES_KEPT = timedelta(days=30)

# Who looks at what a file would change decides on the same day, or tries it again.
FILES_KEPT = timedelta(days=1)
READ_KEPT = timedelta(days=30)
UNVERIFIED_KEPT = timedelta(days=30)


def forget_jobs() -> None:
    """Forget jobs of the outbox that were done; what failed waits for a person."""
    _in_steps("jobs", lambda s: jobs.forget(s, older_than=JOBS_KEPT, limit=STEP))


def forget_notifications() -> None:
    """Forget notifications that were read long ago."""
    _in_steps("notifications", lambda s: notifications.forget(s, older_than=READ_KEPT, limit=STEP))


def forget_resets() -> None:
    """Forget links for new passwords that were used or are too old."""
    _in_steps("resets", lambda s: passwords.forget_resets(s, limit=STEP))


def forget_unverified() -> None:
    """Forget accounts whose address nobody has verified, and which have ordered nothing."""
    _in_steps("accounts", lambda s: leave.forget_unverified(s, UNVERIFIED_KEPT, limit=STEP))


def forget_answers() -> None:
    """Forget what old checkouts were answered."""
    _in_steps("answers", lambda s: idempotency.forget(s, older_than=ANSWERS_KEPT, limit=STEP))


def forget_deliveries() -> None:
    """Forget old deliveries to subscribers."""
    _in_steps("deliveries", lambda s: deliveries.forget(s, older_than=DELIVERIES_KEPT, limit=STEP))


def forget_files() -> None:
    """Forget files that were tried and never imported."""
    _in_steps("files", lambda s: imports.forget_files(s, older_than=FILES_KEPT, limit=STEP))


def _in_steps(what: str, forget: Callable[[Session], int]) -> None:
    """Take one step after the other, each a transaction, while there is more and time for it."""
    stop_at, gone, has_more = time.monotonic() + BUDGET_SECONDS, 0, True
    while has_more:
        with transaction() as session:
            step = forget(session)
        gone += step
        has_more = step == STEP and time.monotonic() < stop_at
    if gone:
        log.info("forgotten", what=what, rows=gone)
