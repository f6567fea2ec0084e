"""
What runs when: python -m workers.schedule.

Every job has a fixed id, so that registering it again at each start replaces it, and a second
scheduler changes nothing.
"""

import sys
from datetime import UTC, datetime

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
)


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
    scheduler = Scheduler(
        connection=jobs.connection(), interval=TICK_SECONDS, job_class=jobs.AllowedJob
    )
    register(scheduler)
    scheduler.run()


if __name__ == "__main__":
    try:
        main()
    except ConfigurationError as error:
        sys.exit(str(error))
