"""
The clock: python -m workers.clock looks every second whose turn it is, by workers/schedule.py.

Every job has a fixed id, so that registering it again at each start replaces it, and a second
clock changes nothing.
"""

import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq_scheduler import Scheduler

from app import connect
from app.audit.settings import record_settings
from app.config import ConfigurationError, load_settings
from app.core import clock, jobs
from app.core.db import transaction
from app.core.problems import ServiceUnavailable
from app.production import refuse_unsafe_servers
from workers.pulse import Pulse, serve
from workers.schedule import SCHEDULE

log = structlog.get_logger(__name__)

# How often the clock is looked at.
TICK_SECONDS = 1
# Results outlive the period, or rq-scheduler forgets the job after its first run.
RESULT_TTL_SECONDS = 3_600
IDS = {rule.name: f"clock-{rule.name.replace('.', '-')}" for rule in SCHEDULE}


class Clock(Scheduler):  # type: ignore[misc]
    """rq-scheduler, which notices that Redis lost the schedule."""

    pulse = Pulse()

    def heartbeat(self) -> None:
        """Tell those who watch first, since Redis may be away."""
        self.pulse.beat()
        super().heartbeat()

    def enqueue_jobs(self) -> Any:
        """Write the schedule again where it is not whole, then hand over what is due."""
        if self.count() < len(SCHEDULE):
            register(self)
        return super().enqueue_jobs()

    def remove_lock(self) -> None:
        """Let another clock go on; where Redis is out of reach, the lock runs out."""
        with suppress(RedisError):
            super().remove_lock()

    def register_death(self) -> None:
        """Sign off; where Redis is out of reach, the sign of life runs out."""
        with suppress(RedisError):
            super().register_death()


def register(scheduler: Scheduler) -> None:
    """Write the schedule, and nothing but it; doing it again changes nothing."""
    for job in list(scheduler.get_jobs()):
        if job.id not in IDS.values():
            scheduler.cancel(job)
    for rule in SCHEDULE:
        scheduler.schedule(
            datetime.now(UTC),
            jobs.RUN,
            args=[rule.name],
            interval=rule.look_seconds,
            id=IDS[rule.name],
            queue_name=rule.queue,
            result_ttl=max(RESULT_TTL_SECONDS, 2 * rule.look_seconds),
            timeout=jobs.DRAIN_TIMEOUT_SECONDS,
        )
    try:
        with transaction() as session:
            clock.register(session, SCHEDULE, now=datetime.now(UTC))
    except ServiceUnavailable:
        # Each run writes its own line; what never ran is not known until the next start.
        log.warning("clock.not_written")


def main() -> None:
    """Keep the clock until told to stop."""
    settings = load_settings()
    connect(settings, process="clock")
    refuse_unsafe_servers(settings)
    record_settings(settings, "clock")
    serve(settings, Clock.pulse)
    while True:
        # Another name each time: under the old one it would still be thought alive.
        kept = Clock(connection=jobs.connection(), interval=TICK_SECONDS, job_class=jobs.AllowedJob)
        try:
            register(kept)
            kept.run()
        except RedisError as error:
            # To start a process anew costs seconds of CPU, each time, for as long as Redis is away.
            log.warning("clock.queue_unavailable", error=str(error))
            Clock.pulse.beat()
            time.sleep(TICK_SECONDS)


if __name__ == "__main__":
    try:
        main()
    except ConfigurationError as error:
        sys.exit(str(error))
