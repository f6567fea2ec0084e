"""
Jobs: staged as rows in the transaction that causes them, worked by RQ, ended in Postgres.

The outbox table is the record and RQ the messenger: what RQ loses is found again by the sweep, and
a job that runs twice does nothing new. RQ's own jobs carry the name of a queue and nothing else.
"""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer
from sqlalchemy import BigInteger, Identity, Index, Text, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.core import origin, sentinels
from app.core.db import Base, after_commit

log = structlog.get_logger(__name__)

# Every job that can be staged: its name, which is also where it lives in workers/, and its queue.
JOBS = {
    "webhooks.process": "webhooks",
    "payments.refund": "payments",
    "payments.keep_promise": "payments",
    "payments.reconcile_day": "payments",
    "invoices.write": "payments",
    "stock.reconcile": "stock",
    "stock.repair": "stock",
    "mail.send_notification": "mail",
    "mail.send_alert": "mail",
    "mail.send_verification": "mail",
    "mail.send_password_reset": "mail",
    "mail.send_low_stock": "mail",
    "mail.send_back_in_stock": "mail",
    "announcements.spread": "announcements",
    "transfers.work_import": "mail",
    "subscribers.deliver": "hooks",
}
QUEUES = ("webhooks", "payments", "stock", "announcements", "mail", "hooks")
# RQ runs these two and refuses any other name that finds its way into its Redis: the first works
# what is due in a queue, the second what is due by the clock (workers/schedule.py).
DRAIN = "workers.drain.drain"
RUN = "workers.schedule.run"
ALLOWED = frozenset({DRAIN, RUN})

# Longer than any job may take, so that a job is not worked twice while its worker lives.
LEASE = timedelta(minutes=2)
# Back-off doubles from 2 s to an hour, so that a job outlives an outage of half a day; after
# 13 hours it is left for a person.
MOST_ATTEMPTS = 24
FIRST_DELAY = timedelta(seconds=2)
LONGEST_DELAY = timedelta(hours=1)
# A wake-up that was lost blocks the next ones for this long; the sweep finds the rows anyway.
WAKE_MS = 5_000
# One that hangs, and not only is down, would cost each request that stages a job its time-out.
QUIET_SECONDS = 5.0
DRAIN_TIMEOUT_SECONDS = 600


class Job(Base):
    """One job: staged, then claimed by a worker until done, or given up after too many failures."""

    __tablename__ = "outbox"
    __table_args__ = (
        # What a drain and the sweep look for; rows that ended are not in it.
        Index(
            "ix_outbox_due",
            "queue",
            "due_at",
            postgresql_where=text("done_at IS NULL AND failed_at IS NULL"),
        ),
        # What was given up, to be seen by somebody.
        Index("ix_outbox_failed", "id", postgresql_where=text("failed_at IS NOT NULL")),
        # What the clock forgets.
        Index("ix_outbox_done_at", "done_at", postgresql_where=text("done_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())
    done_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    failed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), server_default=func.now())


# What else a job may name in RQ's Redis: functions that the list does not cover, and addresses.
_AFTERWARDS = frozenset(
    {b"success_callback_name", b"failure_callback_name", b"stopped_callback_name", b"webhooks"}
)


class RefusedJobError(Exception):
    """RQ was handed a function that is not one of ours."""


class AllowedJob(RqJob):
    """RQ's job, as JSON instead of pickle, and refusing to run what is not on the list."""

    def __init__(
        self,
        id: str | None = None,  # noqa: A002 - RQ's name
        connection: Redis | None = None,
        serializer: Any = None,  # noqa: ARG002
    ) -> None:
        """Take RQ's arguments, and JSON whatever they say."""
        super().__init__(id, connection, JSONSerializer)

    def restore(self, raw_data: Any) -> Any:
        """Read what Redis has, but for what RQ would call or send after the job."""
        return super().restore({k: v for k, v in raw_data.items() if k not in _AFTERWARDS})

    @property
    def func(self) -> Any:
        """Return the function to run, if it may run."""
        if self.func_name not in ALLOWED:
            raise RefusedJobError(f"{self.func_name} is not a job of this shop")
        return super().func


_connection: Redis | None = None
# A server that is out of reach is asked by one request at a time, so that it keeps no others.
_quiet_until = 0.0


def connect(url: str) -> None:
    """Give this process its connection to RQ's Redis, which speaks bytes."""
    global _connection, _quiet_until  # noqa: PLW0603 - process-wide, reached by connection()
    disconnect()
    _quiet_until = 0.0
    _connection = _made(url, socket_connect_timeout=0.5, client_name="ora-queue")


def _made(url: str, **options: Any) -> Redis:
    if sentinels.are_asked(url):
        return Redis.from_pool(sentinels.pool(url, **options))
    return Redis.from_url(url, **options)


def disconnect() -> None:
    """Close this process' connections."""
    if _connection is not None:
        _connection.close()


def connection() -> Redis:
    """Return this process' connection to RQ's Redis."""
    assert _connection is not None, "jobs.connect() was not called"  # noqa: S101
    return _connection


def stage(
    session: Session, name: str, *, delay: int = 0, **arguments: str | int | list[str]
) -> None:
    """
    Write a job to be done after this transaction's commit, which wakes its queue.

    With a ``delay`` in seconds it is due later, and found by the sweep then.
    """
    queue = JOBS[name]
    job = Job(queue=queue, name=name, arguments=arguments | origin.here())
    if delay:
        job.due_at = func.now() + timedelta(seconds=delay)
    session.add(job)
    woken_queues = session.info.setdefault("woken_queues", set())
    if queue not in woken_queues:
        woken_queues.add(queue)
        after_commit(session, partial(wake, queue))


def stage_if_none(session: Session, name: str, **arguments: str) -> None:
    """Stage a job of which one at a time is enough."""
    if session.scalar(select(Job.id).where(Job.name == name, *_unended()).limit(1)) is None:
        stage(session, name, delay=0, **arguments)


def stage_once(session: Session, name: str, **arguments: str) -> None:
    """Stage a job, unless one of the very same arguments has not ended."""
    # Where it comes from makes it no other job.
    kept = Job.arguments.op("-", return_type=JSONB)(origin.KEY)
    same = select(Job.id).where(Job.name == name, kept == arguments, *_unended())
    if session.scalar(same.limit(1)) is None:
        stage(session, name, delay=0, **arguments)


def take_up_again(session: Session, job_ids: Collection[int]) -> int:
    """Have jobs tried again that were given up; tells how many there are."""
    taken = session.scalars(
        update(Job)
        .where(Job.id.in_(job_ids), Job.failed_at.is_not(None))
        .values(failed_at=None, attempts=0, due_at=func.now())
        .returning(Job.queue)
    ).all()
    for queue in set(taken):
        after_commit(session, partial(wake, queue))
    return len(taken)


def wake(queue: str) -> None:
    """
    Have the queue drained soon; one wake-up waits at a time, however many jobs there are.

    Where RQ's Redis is out of reach the jobs wait for the sweep.
    """
    global _quiet_until  # noqa: PLW0603 - as the connection is
    now = time.monotonic()
    if now < _quiet_until:
        return
    if _quiet_until:
        _quiet_until = now + QUIET_SECONDS
    try:
        if connection().set(_wake_key(queue), 1, nx=True, px=WAKE_MS):
            rq_queue(queue).enqueue(
                DRAIN, queue, job_timeout=DRAIN_TIMEOUT_SECONDS, result_ttl=60, failure_ttl=86_400
            )
        _quiet_until = 0.0
    except RedisError as error:
        _quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("queue.unavailable", queue=queue, error=error)


def look(queue: str, name: str) -> None:
    """Have a worker look whether a job of the clock is due; lost, the clock's own look finds it."""
    try:
        rq_queue(queue).enqueue(RUN, name, job_timeout=DRAIN_TIMEOUT_SECONDS, result_ttl=60)
    except RedisError as error:
        log.warning("queue.unavailable", queue=queue, error=error)


def woken(queue: str) -> None:
    """Let the next wake-up through; called before a drain looks for rows."""
    connection().delete(_wake_key(queue))


def rq_queue(name: str) -> Queue:
    """Return RQ's queue of that name."""
    return Queue(name, connection=connection(), serializer=JSONSerializer, job_class=AllowedJob)


def claim(session: Session, queue: str, *, limit: int) -> Sequence[Job]:
    """Take up to ``limit`` jobs that are due, oldest first, none that another worker took."""
    due = (
        select(Job.id)
        .where(Job.queue == queue, Job.due_at <= func.now(), *_unended())
        .order_by(Job.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = session.scalars(
        update(Job)
        .where(Job.id.in_(due.scalar_subquery()))
        .values(attempts=Job.attempts + 1, due_at=func.now() + LEASE)
        .returning(Job)
    ).all()
    return sorted(claimed, key=lambda job: job.id)


def unclaim(session: Session, untouched: Sequence[Job]) -> None:
    """Give claimed jobs back untried, for a worker that is told to stop."""
    session.execute(
        update(Job)
        .where(Job.id.in_([job.id for job in untouched]))
        .values(attempts=Job.attempts - 1, due_at=func.now())
    )


def finish(session: Session, *job_ids: int) -> None:
    """Mark jobs as done."""
    ended = {"done_at": func.now(), "last_error": None}
    session.execute(update(Job).where(Job.id.in_(job_ids)).values(ended))


def fail(session: Session, job: Job, error: str) -> None:
    """Write down why a job failed, and when it is tried again, if it is."""
    values: dict[str, Any] = {"last_error": error[:2_000]}
    if job.attempts >= MOST_ATTEMPTS:
        values["failed_at"] = func.now()
    else:
        delay = min(FIRST_DELAY * 2 ** (job.attempts - 1), LONGEST_DELAY)
        values["due_at"] = func.now() + delay
    session.execute(update(Job).where(Job.id == job.id).values(values))


def forget(session: Session, *, older_than: timedelta, limit: int) -> int:
    """Forget jobs that were done so long ago; tells how many, up to ``limit``."""
    old = select(Job.id).where(Job.done_at < func.now() - older_than).limit(limit)
    return len(session.scalars(delete(Job).where(Job.id.in_(old)).returning(Job.id)).all())


def queues_with_due_jobs(session: Session) -> Sequence[str]:
    """Name the queues that have work, for the sweep."""
    return session.scalars(
        select(Job.queue).where(Job.due_at <= func.now(), *_unended()).distinct()
    ).all()


@dataclass(frozen=True, slots=True)
class Unfinished:
    """Jobs of a queue that are not done: those still tried, and those left for a person."""

    waiting: int = 0
    failed: int = 0
    # Of those that are still tried, how many failed, and how long one has been due.
    retried: int = 0
    oldest_seconds: float = 0.0


def unfinished(session: Session) -> dict[str, Unfinished]:
    """Count the jobs that are not done, queue by queue."""
    failed = func.count(Job.failed_at)
    is_tried = Job.failed_at.is_(None)
    first_due = func.min(Job.due_at).filter(is_tried, Job.due_at <= func.now())
    rows = session.execute(
        select(
            Job.queue,
            func.count() - failed,
            failed,
            func.count().filter(is_tried, Job.last_error.is_not(None)),
            func.coalesce(func.extract("epoch", func.now() - first_due), 0),
        )
        .where(Job.done_at.is_(None))
        .group_by(Job.queue)
    )
    found = {
        queue: Unfinished(waiting, failed, retried, float(seconds))
        for queue, waiting, failed, retried, seconds in rows
    }
    return {queue: found.get(queue, Unfinished()) for queue in QUEUES}


def _unended() -> tuple[Any, ...]:
    return Job.done_at.is_(None), Job.failed_at.is_(None)


def _wake_key(queue: str) -> str:
    return f"ora:woken:{queue}"
