"""
What runs when: one line for each job of the clock, and why then.

A job is a function below workers/. Whether one is due is decided in Postgres (app.core.clock), so a
look too many, two clocks or a Redis that lost everything run nothing twice.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from pkgutil import resolve_name

import structlog

from app.core import clock, origin, withheld
from app.core.actors import acting
from app.core.clock import At, Every, Rule
from app.core.db import transaction
from app.core.india import INDIA
from app.core.problems import Problem

log = structlog.get_logger(__name__)


SCHEDULE: tuple[Rule, ...] = (
    # A wake-up lost with RQ's Redis delays a job, a webhook or a mail by this much at the most.
    Every(5, "drain.sweep", "stock"),
    # Stock is right without it; this is how soon a customer reads "expired".
    Every(10, "expiry.expire_orders", "stock"),
    # For webhooks that never come; each payment is asked about at a growing interval.
    Every(15, "payments.poll_payments", "payments"),
    # For refunds that the gateway could not be asked for, or has not ended.
    Every(15, "payments.poll_refunds", "payments"),
    # Each day is compared once, soon after it is over; the rest of the runs find nothing to do.
    Every(600, "payments.start_reconciliation", "payments"),
    # What is older than its retention leaves in small steps.
    Every(600, "webhooks.prune_events", "webhooks", is_needed=False),
    # Tidies what nobody touches; Redis keeps what ran out until then.
    Every(60, "stock.sweep_reservations", "stock"),
    # Its normal finding is nothing; this and a grace bound how long a drift lasts.
    Every(60, "stock.start_reconciliation", "stock"),
    # Ended jobs are some rows for each order: often, so that a run has little to do.
    Every(600, "cleanup.forget_jobs", "mail", is_needed=False),
    # A piece that is about to be sold out can be made anew, which takes days anyway.
    Every(3_600, "stock.look_for_low_stock", "stock", is_needed=False),
    # Whoever is told has fifteen minutes before the next one is; five more do no harm.
    Every(300, "waitlist.tell_waiting", "stock"),
    # When the shop closes its books for the day; a day that was missed is told of all the same.
    At(time(18), INDIA, "reports.send_daily_sales", "mail", catches_up=True, is_told_due=True),
    At(time(2), INDIA, "cleanup.forget_notifications", "mail", is_needed=False),
    Every(3_600, "cleanup.forget_resets", "mail", is_needed=False),
    # On the first of the month, when a whole month can have gone by without a sign.
    At(time(3, 30), INDIA, "cleanup.forget_unverified", "mail", day_of_month=1, is_needed=False),
    # In the quiet of the night: they are kept for weeks, so that a day more is nothing.
    At(time(3, 10), INDIA, "cleanup.forget_answers", "mail", is_needed=False),
    At(time(3, 20), INDIA, "cleanup.forget_deliveries", "mail", is_needed=False),
    At(time(3, 40), INDIA, "cleanup.forget_files", "mail", is_needed=False),
)
RULES: Mapping[str, Rule] = {rule.name: rule for rule in SCHEDULE}


def run(name: str) -> None:
    """Run a job if it is due, once or for each time that has to be caught up."""
    rule = RULES[name]
    due = _begun(rule)
    while due is not None:
        error = _error_of(rule, due)
        with transaction() as session:
            clock.end(session, rule, due, now=datetime.now(UTC), error=error)
        # What takes longer than its interval leaves the queue to others in between.
        due = _begun(rule) if rule.catches_up else None


def _begun(rule: Rule) -> datetime | None:
    with transaction() as session:
        return clock.begin(session, rule, now=datetime.now(UTC))


def _error_of(rule: Rule, due: datetime) -> str | None:
    """Do the work; what goes wrong is written down, and the clock goes on."""
    try:
        with acting(f"worker:{rule.name}"), origin.by_the_clock(rule.name):
            resolve_name(f"workers.{rule.name}")(*[due] * rule.is_told_due)
    except Problem as problem:
        log.warning("clock.failed", job=rule.name, due=due.isoformat(), error=problem)
        return withheld.clean(repr(problem))
    except Exception as error:
        log.exception("clock.failed", job=rule.name, due=due.isoformat(), error=error)
        return withheld.clean(repr(error))
    return None
