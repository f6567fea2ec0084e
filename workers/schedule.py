"""
What runs when: python -m workers.schedule.

Every job has a fixed id, so that registering it again at each start replaces it, and a second
scheduler changes nothing.
"""

import sys
from datetime import UTC, datetime
from typing import Any

from rq_scheduler import Scheduler

from app import connect
from app.config import ConfigurationError, load_settings
from app.core import jobs

# How often the clock is looked at.
TICK_SECONDS = 1
# Results outlive the period, or rq-scheduler forgets the job after its first run.
RESULT_TTL_SECONDS = 3_600

# Job, queue, seconds between two runs, and why so often.
SCHEDULE = (
    # A wake-up lost with RQ's Redis delays a job by this much at the most.
    (jobs.SWEEP, "stock", 5),
    # Stock is right without it; this is how soon a customer reads "expired".
    (jobs.EXPIRE_ORDERS, "stock", 10),
    # For webhooks that never come; each payment is asked about at a growing interval.
    (jobs.POLL_PAYMENTS, "payments", 15),
    # For refunds that the gateway could not be asked for, or has not ended.
    (jobs.POLL_REFUNDS, "payments", 15),
    # Each day is compared once, soon after it is over; the rest of the runs find nothing to do.
    (jobs.RECONCILE_DAYS, "payments", 600),
    # What is older than its retention leaves in small steps.
    (jobs.PRUNE_EVENTS, "webhooks", 600),
    # Tidies what nobody touches; Redis keeps what ran out until then.
    (jobs.SWEEP_RESERVATIONS, "stock", 60),
    # Its normal finding is nothing; this and a grace bound how long a drift lasts.
    (jobs.RECONCILE, "stock", 60),
)


class Clock(Scheduler):  # type: ignore[misc]
    """rq-scheduler, which notices that Redis lost the schedule."""

    def enqueue_jobs(self) -> Any:
        """Write the schedule again where it is not whole, then hand over what is due."""
        if self.count() < len(SCHEDULE):
            register(self)
        return super().enqueue_jobs()


def register(scheduler: Scheduler) -> None:
    """Write the schedule; doing it again changes nothing."""
    for function, queue, seconds in SCHEDULE:
        scheduler.schedule(
            datetime.now(UTC),
            function,
            interval=seconds,
            id=function.replace(".", "-"),
            queue_name=queue,
            result_ttl=RESULT_TTL_SECONDS,
            timeout=jobs.DRAIN_TIMEOUT_SECONDS,
        )


def main() -> None:
    """Keep the clock until told to stop."""
    connect(load_settings())
    clock = Clock(connection=jobs.connection(), interval=TICK_SECONDS, job_class=jobs.AllowedJob)
    register(clock)
    clock.run()


if __name__ == "__main__":
    try:
        main()
    except ConfigurationError as error:
        sys.exit(str(error))
