"""
The clock's memory: what runs when, when it ran last, and what came of it.

RQ's Redis says when to look, and may lose everything. Whether something is due is decided here,
under the lock of its row: two schedulers, or a look too many, run nothing twice, and what nobody
was there to run is found due by the next look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, Text, case, delete, select, true, update
from sqlalchemy.dialects.postgresql import TIMESTAMP, insert
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from app.core import jobs
from app.core.db import Base, after_commit

# A run at a time of day that broke off or failed is begun again after this, so often. It is longer
# than RQ lets a run take, so that a run is not begun beside itself.
AGAIN_AFTER = timedelta(minutes=15)
MOST_TRIES = 8
# Of what was missed no more than this is caught up.
CATCHES_UP = timedelta(days=31)
LONGEST_ERROR = 500


@dataclass(frozen=True, slots=True)
class Every:
    """Runs again some seconds after it was begun; what was missed is not made up for."""

    seconds: int
    name: str
    queue: str
    is_needed: bool = True

    kept = timedelta(hours=1)
    tries = 1
    catches_up = is_told_due = False

    def __str__(self) -> str:
        """Say it as people do."""
        return f"every {self.seconds} seconds"

    @property
    def look_seconds(self) -> int:
        """How often is looked whether it is due."""
        return self.seconds

    @property
    def grace(self) -> timedelta:
        """How long it may be due without being late."""
        return timedelta(seconds=3 * self.seconds + 60)

    @property
    def slack(self) -> timedelta:
        """
        How much too early it may begin.

        A look may wait for its worker a moment less than the one before; without slack its turn
        would be left out.
        """
        return timedelta(seconds=self.seconds) / 5

    def after(self, moment: datetime) -> datetime:
        """Tell when it is due next."""
        return moment + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class At:
    """
    Runs at a time of day, each day or on one day of each month.

    What was missed is run once, or with ``catches_up`` once for each time it was due. A function
    that ``is_told_due`` takes that time as its argument.
    """

    time: time
    zone: ZoneInfo
    name: str
    queue: str
    day_of_month: int | None = None
    catches_up: bool = False
    is_told_due: bool = False
    is_needed: bool = True

    look_seconds = 60
    slack = timedelta(0)
    grace = timedelta(minutes=10)
    kept = timedelta(days=400)
    tries = MOST_TRIES

    def __str__(self) -> str:
        """Say it as people do."""
        days = f"on day {self.day_of_month} of each month" if self.day_of_month else "each day"
        return f"{days} at {self.time:%H:%M} {self.zone.key}"

    def after(self, moment: datetime) -> datetime:
        """Tell when it is due next."""
        day = moment.astimezone(self.zone).date()
        while True:
            # In UTC: two times of one zone would be compared by their hands alone.
            due = datetime.combine(day, self.time, self.zone).astimezone(UTC)
            if due > moment and self.day_of_month in (None, day.day):
                return due
            day += timedelta(days=1)


Rule = Every | At


class ClockJob(Base):
    """One line of the schedule, and when it is due next."""

    __tablename__ = "clock_jobs"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    rule: Mapped[str] = mapped_column(Text)
    # Whose workers run it; None of a line that an older version wrote.
    queue: Mapped[str | None] = mapped_column(Text)
    is_needed: Mapped[bool]
    grace_seconds: Mapped[int]
    next_due_at: Mapped[datetime] = mapped_column(TIMESTAMP(True))


class ClockRun(Base):
    """One run, by the moment it was due: written when it begins, and when it ends."""

    __tablename__ = "clock_runs"
    __table_args__ = (
        CheckConstraint("outcome IN ('done', 'failed')", name="outcome_known"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended_with_outcome"),
    )

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    due_at: Mapped[datetime] = mapped_column(TIMESTAMP(True), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(TIMESTAMP(True))
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(True))
    outcome: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(default=1, server_default="1")


def register(session: Session, schedule: Sequence[Rule], *, now: datetime) -> None:
    """Write the schedule down; what stays as it was keeps its time, what is gone is forgotten."""
    for rule in sorted(schedule, key=lambda rule: rule.name):
        _lock(session, rule, now)
    session.execute(delete(ClockJob).where(ClockJob.name.not_in([rule.name for rule in schedule])))


def bring_forward(session: Session, name: str, *, now: datetime) -> bool:
    """
    Let a job be due now, and have a worker look; tells whether there is such a job.

    Its turn by the clock comes after it as it would have come.
    """
    job = session.get(ClockJob, name, with_for_update=True)
    if job is None:
        return False
    # What is due already keeps the time that it is told of.
    job.next_due_at = min(job.next_due_at, now)
    if job.queue is not None:
        after_commit(session, partial(jobs.look, job.queue, name))
    return True


def begin(session: Session, rule: Rule, *, now: datetime) -> datetime | None:
    """Begin the run that is due, if one is; returns when it was due."""
    next_due_at = _lock(session, rule, now)
    due = _broken(session, rule, now)
    if due is None:
        if next_due_at - rule.slack > now:
            return None
        due = next_due_at
        if rule.catches_up and due < now - CATCHES_UP:
            due = rule.after(now - CATCHES_UP)
        session.execute(
            update(ClockJob)
            .where(ClockJob.name == rule.name)
            .values(next_due_at=rule.after(due if rule.catches_up else now))
        )
    begun = insert(ClockRun).values(name=rule.name, due_at=due, started_at=now)
    session.execute(
        begun.on_conflict_do_update(
            index_elements=[ClockRun.name, ClockRun.due_at],
            set_={
                "started_at": now,
                "ended_at": None,
                "outcome": None,
                "error": None,
                "tries": ClockRun.tries + 1,
            },
        )
    )
    return due


def end(
    session: Session, rule: Rule, due: datetime, *, now: datetime, error: str | None = None
) -> None:
    """Write down what came of a run, and forget those that are old."""
    session.execute(
        update(ClockRun)
        .where(ClockRun.name == rule.name, ClockRun.due_at == due)
        .values(
            ended_at=now,
            outcome="failed" if error else "done",
            error=error and error[:LONGEST_ERROR],
        )
    )
    old = ClockRun.name == rule.name, ClockRun.started_at < now - rule.kept
    session.execute(delete(ClockRun).where(*old))


def _lock(session: Session, rule: Rule, now: datetime) -> datetime:
    """Lock a job's row, and tell when it is due; what is new or was changed begins now."""
    first_due_at = now if isinstance(rule, Every) else rule.after(now)
    line: dict[str, Any] = {
        "rule": str(rule),
        "queue": rule.queue,
        "is_needed": rule.is_needed,
        "grace_seconds": int(rule.grace.total_seconds()),
    }
    written = insert(ClockJob).values(name=rule.name, next_due_at=first_due_at, **line)
    kept = case((ClockJob.rule == str(rule), ClockJob.next_due_at), else_=first_due_at)
    return session.scalars(
        written.on_conflict_do_update(
            index_elements=[ClockJob.name], set_=line | {"next_due_at": kept}
        ).returning(ClockJob.next_due_at)
    ).one()


def _broken(session: Session, rule: Rule, now: datetime) -> datetime | None:
    """Find a run that failed, or whose worker never came back, and may be tried again."""
    if rule.tries == 1:
        return None
    return session.scalar(
        select(ClockRun.due_at)
        .where(
            ClockRun.name == rule.name,
            ClockRun.outcome.is_distinct_from("done"),
            ClockRun.started_at <= now - AGAIN_AFTER,
            ClockRun.tries < rule.tries,
        )
        .order_by(ClockRun.due_at)
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class Hand:
    """Where one job of the clock stands."""

    job: ClockJob
    run: ClockRun | None
    late_seconds: int

    @property
    def name(self) -> str:
        """Which job."""
        return self.job.name

    @property
    def is_late(self) -> bool:
        """Whether it should have begun some time ago."""
        return self.late_seconds > 0

    @property
    def outcome(self) -> str | None:
        """What came of the last run, if there was one."""
        return None if self.run is None else self.run.outcome or "running"

    @property
    def took_ms(self) -> int | None:
        """How long the last run took, if it has ended."""
        if self.run is None or self.run.ended_at is None:
            return None
        return (self.run.ended_at - self.run.started_at) // timedelta(milliseconds=1)


def hands(session: Session, *, now: datetime) -> list[Hand]:
    """Tell of each job when it ran last, what came of it, and how late it is."""
    newest = (
        select(ClockRun)
        .where(ClockRun.name == ClockJob.name)
        .order_by(ClockRun.due_at.desc())
        .limit(1)
        .lateral()
    )
    last = aliased(ClockRun, newest)
    rows = session.execute(select(ClockJob, last).outerjoin(last, true()).order_by(ClockJob.name))
    return [Hand(job, run, _late_seconds(job, now)) for job, run in rows]


def is_late(hands: Sequence[Hand]) -> bool:
    """Tell whether a job that the shop needs is late; a clock that never ran is."""
    return not hands or any(hand.is_late and hand.job.is_needed for hand in hands)


def _late_seconds(job: ClockJob, now: datetime) -> int:
    overdue = int((now - job.next_due_at).total_seconds())
    return overdue if overdue > job.grace_seconds else 0
