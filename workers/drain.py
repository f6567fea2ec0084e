"""Work the jobs of a queue, as the outbox has them, and find those that nobody was woken for."""

import time
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from threading import Event
from typing import Any

import structlog

from app.core import jobs, measures, origin, points, withheld
from app.core.actors import acting
from app.core.db import transaction
from app.core.jobs import Job
from app.core.problems import Problem

log = structlog.get_logger(__name__)

# What is done one by one is claimed few at a time, so that other workers get some of it.
BATCH = 10
# Jobs of which many share their transactions, by what does them; found below workers/ as jobs are.
TOGETHER = {"webhooks.process": "webhooks.process_together"}
LARGE_BATCHES = {jobs.JOBS[name]: 100 for name in TOGETHER}
# A subscriber may take its time to answer: nobody waits behind it in a batch.
ALONE = frozenset({"hooks"})
# Well within RQ's time-out and the lease of a batch; a queue that has more left is woken again.
BUDGET_SECONDS = 60


class HopelessJobError(Exception):
    """A job was tried as often as it may, and the last worker died before it could say so."""


# Set when this process is told to stop: the job at hand is finished, the rest is left to others.
stopping = Event()


def drain(queue: str) -> None:
    """Work what is due in a queue."""
    jobs.woken(queue)
    stop_at = time.monotonic() + BUDGET_SECONDS
    while time.monotonic() < stop_at and not stopping.is_set():
        with transaction() as session:
            batch = list(jobs.claim(session, queue, limit=_batch_of(queue)))
        if not batch:
            return
        points.reached("relay.after-claim")
        batch = _work_together(batch)
        while batch and time.monotonic() < stop_at and not stopping.is_set():
            _work(batch.pop(0))
        if batch:
            with transaction() as session:
                jobs.unclaim(session, batch)
    jobs.wake(queue)


def sweep() -> None:
    """Wake the queues that have work; a wake-up that Redis lost is made up for here."""
    with transaction() as session:
        queues = jobs.queues_with_due_jobs(session)
    for queue in queues:
        jobs.wake(queue)


def _batch_of(queue: str) -> int:
    return 1 if queue in ALONE else LARGE_BATCHES.get(queue, BATCH)


def _work_together(batch: Sequence[Job]) -> list[Job]:
    """
    Do at once what can be done at once; returns the jobs that are left to be done alone.

    Where one stands in the way of the rest, each is done alone, and from its second try on.
    """
    left = list(batch)
    for name, together in TOGETHER.items():
        fresh = [job for job in batch if job.name == name and job.attempts == 1]
        if len(fresh) > 1:
            with (
                acting(f"worker:{name}"),
                origin.working_together(name, [(job.id, job.arguments) for job in fresh]),
            ):
                done = _done_together(together, fresh)
            left = [job for job in left if job.id not in done]
    return left


def _done_together(together: str, batch: Sequence[Job]) -> set[int]:
    try:
        are_done = function(together)([origin.arguments(job.arguments) for job in batch])
    except Exception as error:  # noqa: BLE001 - whatever it is, each alone is told of it
        log.warning("jobs.not_together", jobs=len(batch), error=error)
        return set()
    done = {job.id for job, is_done in zip(batch, are_done, strict=True) if is_done}
    points.reached("relay.before-mark")
    measures.jobs_worked.labels(batch[0].name, "done").inc(len(done))
    with transaction() as session:
        jobs.finish(session, *done)
    return done


def _work(job: Job) -> None:
    """Do one job; what goes wrong is written down and tried again later."""
    with origin.working(job.name, job.id, job.arguments):
        try:
            with measures.timed(measures.job_seconds, job.name):
                _do(job)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next job has to go on
            measures.jobs_worked.labels(job.name, "failed").inc()
            _tell_of(error, job)
            with transaction() as session:
                jobs.fail(session, job, withheld.clean(repr(error)))
        else:
            points.reached("relay.before-mark")
            measures.jobs_worked.labels(job.name, "done").inc()
            with transaction() as session:
                jobs.finish(session, job.id)


def _tell_of(error: Exception, job: Job) -> None:
    """Log a failure: a problem is foreseen and passes, anything else is a bug and told whole."""
    if isinstance(error, (Problem, HopelessJobError)):
        log.warning("job.failed", attempts=job.attempts, error=error)
    else:
        log.error("job.failed", attempts=job.attempts, error=error, exc_info=error)


def _do(job: Job) -> None:
    if job.attempts > jobs.MOST_ATTEMPTS:
        raise HopelessJobError("no worker came back from its last try")
    with acting(f"worker:{job.name}"):
        function(job.name)(**origin.arguments(job.arguments))


@cache
def function(name: str) -> Callable[..., Any]:
    """
    Find the function of a job's name below workers/.

    Raises:
        AssertionError: there is no such job; nothing else can be named.
    """
    known = name in jobs.JOBS or name in TOGETHER.values()
    assert known, f"{name} is not a job of this shop"  # noqa: S101
    module, _, verb = name.partition(".")
    found: Callable[..., Any] = getattr(import_module(f"workers.{module}"), verb)
    return found
