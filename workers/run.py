"""
Work one queue: python -m workers.run QUEUE.

RQ hands jobs over crash-safely only where a worker serves one queue (it moves the job instead of
popping it), hence one queue a process.
"""

import gc
import sys
import time
from contextlib import suppress
from typing import Any

import structlog
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from app import connect
from app.alerts import alerts
from app.audit.settings import record_settings
from app.config import ConfigurationError, load_settings
from app.core import jobs
from app.core.db import transaction
from app.core.problems import Problem
from app.core.texts import storable
from app.production import refuse_unsafe_servers
from workers import drain
from workers.pulse import Pulse, serve

log = structlog.get_logger(__name__)

# How long a worker may be silent before RQ takes it for dead, and how often it tidies up.
WORKER_TTL_SECONDS = 60
MAINTENANCE_SECONDS = 60
# How long until it looks again whether Redis is there.
PAUSE_SECONDS = 1
# What a job fails with that nobody here has queued.
FOREIGN = ("RefusedJobError", "DeserializationError")


class Worker(SimpleWorker):
    """Runs jobs in this process: the connections stay open, and a job costs no fork."""

    pulse = Pulse()

    def heartbeat(self, *args: Any, **kwargs: Any) -> Any:
        """Tell those who watch first, since Redis may be away."""
        self.pulse.beat()
        return super().heartbeat(*args, **kwargs)

    def handle_warm_shutdown_request(self) -> None:
        """Let a drain end after the job at hand."""
        drain.stopping.set()
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]

    def handle_job_failure(self, job: Any, *args: Any, **kwargs: Any) -> Any:
        """Log what failed; a refused function is somebody at our Redis."""
        error = kwargs.get("exc_string", "")
        log.error("job.failed", job_id=job.id, error=error[-500:])
        if any(name in error for name in FOREIGN):
            _tell_of_foreign(job)
        return super().handle_job_failure(job, *args, **kwargs)


def _tell_of_foreign(job: Any) -> None:
    """Raise an alert, one a queue: whoever queued this can write into our Redis."""
    try:
        with transaction() as session:
            detail = f"job {storable(job.id)} of RQ was refused; see who can write to its Redis"
            alerts.sound(session, "job_refused", job.origin, detail)
    except Problem as problem:
        log.warning("job.refusal_not_told", reason=problem.code())


def main(queue: str) -> None:
    """Work ``queue`` until told to stop; the job at hand is finished first."""
    settings = load_settings()
    connect(settings, process=f"worker-{queue}")
    refuse_unsafe_servers(settings)
    record_settings(settings, f"worker-{queue}")
    serve(settings, Worker.pulse)
    # What is loaded by now stays for good: the collector of garbage need not look at it again.
    gc.freeze()
    # The signal that tells may come while none works.
    with suppress(StopRequested):
        while not drain.stopping.is_set():
            _work(queue)


def _work(queue: str) -> None:
    """
    Work until told to stop, or until Redis is lost in a moment that RQ does not survive.

    To start a process anew costs seconds of CPU, each time, for as long as Redis is away.
    """
    try:
        worker = Worker(
            [jobs.rq_queue(queue)],
            connection=jobs.connection(),
            job_class=jobs.AllowedJob,
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
            log_job_description=False,
        )
        worker.work(logging_level="WARNING")
    except RedisError as error:
        log.warning("worker.queue_unavailable", error=str(error))
    if not drain.stopping.is_set():
        Worker.pulse.beat()
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in jobs.QUEUES:  # noqa: PLR2004
        sys.exit(f"Usage: python -m workers.run {{{','.join(jobs.QUEUES)}}}")
    try:
        main(sys.argv[1])
    except ConfigurationError as error:
        sys.exit(str(error))
