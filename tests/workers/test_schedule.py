"""The clock's schedule: written as often as one likes it is there once, and runs what it says."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from app.core import jobs
from app.core.clock import At, ClockJob, ClockRun, Every
from tests import owners
from tests.builders import values
from workers import expiry, schedule

EXPECTED = {
    "cleanup.forget_answers": ("mail", 60),
    "cleanup.forget_deliveries": ("mail", 60),
    "cleanup.forget_files": ("mail", 60),
    "cleanup.forget_jobs": ("mail", 600),
    "cleanup.forget_notifications": ("mail", 60),
    "cleanup.forget_resets": ("mail", 3_600),
    "cleanup.forget_unverified": ("mail", 60),
    "drain.sweep": ("stock", 5),
    "expiry.expire_orders": ("stock", 10),
    "payments.poll_payments": ("payments", 15),
    "payments.poll_refunds": ("payments", 15),
    "payments.start_reconciliation": ("payments", 600),
    "reports.send_daily_sales": ("mail", 60),
    "stock.look_for_low_stock": ("stock", 3_600),
    "stock.start_reconciliation": ("stock", 60),
    "stock.sweep_reservations": ("stock", 60),
    "waitlist.tell_waiting": ("stock", 300),
    "webhooks.prune_events": ("webhooks", 600),
}
# rq-scheduler asks redis-py for what it no longer likes to be asked, and reads utcnow().
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:rq_scheduler"),
    pytest.mark.filterwarnings("ignore::FutureWarning:rq_scheduler"),
]


@pytest.fixture
def clock(app):
    """The clock, which does not run by itself."""
    from workers.clock import Clock

    return Clock(connection=jobs.connection(), job_class=jobs.AllowedJob)


def written(clock):
    return {job.args[0]: (job.origin, job.meta["interval"]) for job in clock.get_jobs()}


def waiting():
    """What the clock has handed to each queue."""
    return {
        name: len(jobs.rq_queue(name).get_job_ids())
        for name in jobs.QUEUES
        if jobs.rq_queue(name).count
    }


HANDED = {"stock": 6, "payments": 3, "webhooks": 1, "mail": 8}


def test_a_schedule_that_is_written_twice_is_there_once(clock, session):
    from workers.clock import register

    for _ in range(2):
        register(clock)

    assert clock.count() == len(EXPECTED)
    assert written(clock) == EXPECTED
    assert {job.func_name for job in clock.get_jobs()} == {jobs.RUN}
    assert set(session.scalars(select(ClockJob.name))) == set(EXPECTED)


def test_what_is_no_longer_on_the_page_is_taken_off_the_clock(clock, session):
    from workers.clock import register

    clock.schedule(datetime.now(UTC), "workers.drain.sweep", interval=5, id="workers-drain-sweep")

    register(clock)

    assert written(clock) == EXPECTED


def test_a_clock_whose_redis_lost_everything_writes_the_schedule_again(clock):
    clock.enqueue_jobs()
    owners.flush_queue()

    clock.enqueue_jobs()

    assert written(clock) == EXPECTED
    assert waiting() == HANDED


def test_a_redis_that_lost_everything_runs_nothing_twice(clock, session):
    for _ in range(2):
        clock.enqueue_jobs()
        owners.flush_queue()
        for name in ("payments.start_reconciliation", "webhooks.prune_events"):
            schedule.run(name)

    assert session.scalar(select(func.count()).select_from(ClockRun)) == 2


def test_a_second_clock_at_the_same_moment_hands_over_nothing_new(clock):
    from workers.clock import Clock

    another = Clock(connection=jobs.connection(), job_class=jobs.AllowedJob)
    clock.enqueue_jobs()

    another.enqueue_jobs()

    assert waiting() == HANDED


def test_a_clock_without_postgres_still_hands_over_what_is_due(clock, monkeypatch):
    from app.core import db
    from dev.ports import free_port

    nowhere = db.make_engine(f"postgresql+psycopg://ora@127.0.0.1:{free_port()}/ora")
    monkeypatch.setattr(db, "_engine", nowhere)

    clock.enqueue_jobs()

    assert waiting() == HANDED


def test_a_job_runs_when_it_is_due_and_is_written_down(app, session, monkeypatch):
    ran = []
    monkeypatch.setattr(expiry, "expire_orders", lambda: ran.append("expired"))

    for _ in range(3):
        schedule.run("expiry.expire_orders")

    assert ran == ["expired"]
    assert values(session.execute(select(ClockRun.name, ClockRun.outcome))) == [
        ("expiry.expire_orders", "done")
    ]


def test_a_job_that_takes_longer_than_its_interval_leaves_its_queue_to_others(
    app, session, monkeypatch
):
    ran = []

    def take_long():
        ran.append("expired")
        make_due(session)

    monkeypatch.setattr(expiry, "expire_orders", take_long)

    schedule.run("expiry.expire_orders")

    assert ran == ["expired"]


def test_a_job_that_goes_wrong_is_written_down_and_has_its_next_turn(app, session, monkeypatch):
    def go_wrong():
        raise ValueError("of no use")

    monkeypatch.setattr(expiry, "expire_orders", go_wrong)
    schedule.run("expiry.expire_orders")
    monkeypatch.setattr(expiry, "expire_orders", lambda: None)
    make_due(session)
    schedule.run("expiry.expire_orders")

    assert values(
        session.execute(select(ClockRun.outcome, ClockRun.error).order_by(ClockRun.due_at.desc()))
    ) == [("failed", "ValueError('of no use')"), ("done", None)]


def test_a_report_is_told_for_which_day_it_is_and_made_up_for_missed_ones(
    app, session, monkeypatch
):
    told = []
    rule = At(
        time(18), ZoneInfo("Asia/Kolkata"), "expiry.report", "mail", catches_up=True,
        is_told_due=True,
    )  # fmt: skip
    monkeypatch.setitem(schedule.RULES, "expiry.report", rule)
    monkeypatch.setattr(expiry, "report", told.append, raising=False)
    schedule.run("expiry.report")
    session.execute(update(ClockJob).values(next_due_at=ClockJob.next_due_at - timedelta(days=3)))

    schedule.run("expiry.report")

    assert [due.strftime("%H:%M") for due in told] == ["12:30"] * len(told)
    assert len(told) in (2, 3)
    assert {later - due for due, later in pairwise(told)} == {timedelta(days=1)}


def test_what_is_not_on_the_page_is_not_run(app):
    with pytest.raises(KeyError):
        schedule.run("run.main")


def test_every_job_has_a_name_of_its_own():
    assert len(schedule.RULES) == len(schedule.SCHEDULE)


def test_needed_jobs_run_as_often_as_they_have_to():
    """Order expiry every five minutes at the least, open payments every ten."""
    at_most = {"expiry.expire_orders": 300, "drain.sweep": 300, "payments.poll_payments": 600}

    for name, seconds in at_most.items():
        rule = schedule.RULES[name]
        assert isinstance(rule, Every)
        assert rule.is_needed
        assert rule.seconds <= seconds


def make_due(session):
    session.execute(update(ClockJob).values(next_due_at=ClockJob.next_due_at - timedelta(hours=2)))
