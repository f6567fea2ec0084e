import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from app.core import jobs
from app.core.db import transaction
from app.core.jobs import Job
from dev.ports import free_port

STATE = select(Job.name, Job.attempts, Job.done_at.is_not(None), Job.failed_at.is_not(None))


def stage(*numbers, name="webhooks.process"):
    with transaction() as session:
        for number in numbers:
            jobs.stage(session, name, event_id=f"evt{number}")


def claim(queue="webhooks", limit=10):
    with transaction() as session:
        return list(jobs.claim(session, queue, limit=limit))


def named(claimed):
    return [job.arguments["event_id"] for job in claimed]


def make_due(session):
    session.execute(text("UPDATE outbox SET due_at = now() - interval '1 s'"))


@pytest.fixture
def states(session):
    """Read name, attempts, whether done and whether given up of each job."""
    return lambda: [tuple(row) for row in session.execute(STATE.order_by(Job.id))]


def test_a_staged_job_waits_in_its_queue_with_its_arguments(app):
    stage(1)

    (job,) = claim()

    assert (job.queue, job.name, job.arguments, job.attempts) == (
        "webhooks", "webhooks.process", {"event_id": "evt1"}, 1,
    )  # fmt: skip


def test_a_job_that_nobody_listed_cannot_be_staged(app, states):
    with pytest.raises(KeyError), transaction() as session:
        jobs.stage(session, "os.system", command="true")

    assert states() == []


def test_a_job_of_a_transaction_that_failed_was_never_there(app, states):
    def fail():
        with transaction() as session:
            jobs.stage(session, "webhooks.process", event_id="evt1")
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert states() == []
    assert jobs.rq_queue("webhooks").count == 0


def test_many_jobs_wake_their_queue_once(app):
    stage(1, 2)
    stage(3)

    (message,) = jobs.rq_queue("webhooks").jobs

    assert (message.func_name, message.args) == (jobs.DRAIN, ["webhooks"])
    assert [jobs.rq_queue(name).count for name in jobs.QUEUES] == [1, 0, 0, 0, 0, 0]


def test_a_queue_that_is_being_drained_can_be_woken_again(app):
    stage(1)
    jobs.woken("webhooks")
    stage(2)

    assert jobs.rq_queue("webhooks").count == 2


def test_a_wake_up_that_was_lost_does_not_block_the_next_for_long(app):
    stage(1)

    assert 0 < jobs.connection().pttl("ora:woken:webhooks") <= jobs.WAKE_MS


def test_jobs_are_safe_while_the_queues_redis_is_out_of_reach(app, monkeypatch, session):
    monkeypatch.setattr(jobs, "_connection", None)
    monkeypatch.setattr("redis.retry.sleep", lambda _: pytest.fail("somebody was kept waiting"))
    jobs.connect(f"redis://127.0.0.1:{free_port()}/0")

    with capture_logs() as events:
        stage(1)

    assert [(event["event"], event["queue"]) for event in events] == [
        ("queue.unavailable", "webhooks")
    ]
    assert jobs.queues_with_due_jobs(session) == ["webhooks"]
    assert named(claim()) == ["evt1"]


def test_jobs_are_claimed_oldest_first_up_to_a_limit_and_only_of_that_queue(app):
    stage(1, 2, 3)
    stage(4, name="mail.send_alert")

    assert named(claim(limit=2)) == ["evt1", "evt2"]
    assert named(claim(limit=2)) == ["evt3"]
    assert named(claim("mail")) == ["evt4"]


def test_a_claimed_job_is_nobody_elses_until_its_lease_is_over(app, session):
    stage(1)
    claim()
    assert claim() == []

    make_due(session)

    (again,) = claim()
    assert again.attempts == 2


def test_two_workers_who_claim_at_once_get_different_jobs(app):
    stage(1, 2, 3)

    with transaction() as first, transaction() as second:
        firsts = named(jobs.claim(first, "webhooks", limit=2))
        seconds = named(jobs.claim(second, "webhooks", limit=2))

    assert (firsts, seconds) == (["evt1", "evt2"], ["evt3"])


def test_a_claim_that_was_undone_leaves_the_job_to_the_next(app, states):
    stage(1)

    def fail():
        with transaction() as session:
            jobs.claim(session, "webhooks", limit=1)
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert states() == [("webhooks.process", 0, False, False)]
    assert named(claim()) == ["evt1"]


def test_a_finished_job_is_done_for_ever(app, session, states):
    stage(1)
    (job,) = claim()
    with transaction() as opened:
        jobs.fail(opened, job, "at first")

    with transaction() as opened:
        jobs.finish(opened, job.id)

    make_due(session)
    assert claim() == []
    assert states() == [("webhooks.process", 1, True, False)]
    assert session.scalars(select(Job.last_error)).all() == [None]


def test_a_job_that_is_given_back_was_never_tried(app, states):
    stage(1, 2)
    untouched = claim()

    with transaction() as session:
        jobs.unclaim(session, untouched[1:])

    assert states() == [
        ("webhooks.process", 1, False, False),
        ("webhooks.process", 0, False, False),
    ]
    assert named(claim()) == ["evt2"]


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (5, 32), (9, 512)])
def test_the_time_to_the_next_try_doubles(app, session, attempts, seconds):
    stage(1)
    session.execute(text("UPDATE outbox SET attempts = :n"), {"n": attempts - 1})
    (job,) = claim()

    with transaction() as opened:
        jobs.fail(opened, job, "no luck")
        # Within one transaction Postgres' now() stands still.
        until = opened.scalar(text("SELECT extract(epoch FROM due_at - now()) FROM outbox"))

    assert (int(until), job.attempts) == (seconds, attempts)
    assert session.scalars(select(Job.last_error)).one() == "no luck"


def test_the_time_to_the_next_try_has_a_bound(app, session, monkeypatch):
    monkeypatch.setattr(jobs, "MOST_ATTEMPTS", 100)
    stage(1)
    session.execute(text("UPDATE outbox SET attempts = 19"))
    (job,) = claim()

    with transaction() as opened:
        jobs.fail(opened, job, "no luck")
        until = opened.scalar(text("SELECT due_at - now() FROM outbox"))

    assert until == jobs.LONGEST_DELAY


def test_a_job_that_failed_too_often_is_left_to_a_person(app, session, states):
    stage(1)
    session.execute(text("UPDATE outbox SET attempts = :n"), {"n": jobs.MOST_ATTEMPTS - 1})
    (job,) = claim()

    with transaction() as opened:
        jobs.fail(opened, job, "x" * 3_000)

    make_due(session)
    assert claim() == []
    assert jobs.queues_with_due_jobs(session) == []
    assert states() == [("webhooks.process", jobs.MOST_ATTEMPTS, False, True)]
    assert session.scalars(select(Job.last_error)).one() == "x" * 2_000


def test_the_sweep_finds_the_queues_that_have_work(app, session):
    stage(1, 2)
    stage(3, name="mail.send_alert")
    stage(4, name="payments.refund")
    (refund,) = claim("payments")
    with transaction() as opened:
        jobs.finish(opened, refund.id)

    assert sorted(jobs.queues_with_due_jobs(session)) == ["mail", "webhooks"]
    claim()
    assert jobs.queues_with_due_jobs(session) == ["mail"]
