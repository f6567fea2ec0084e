"""A queue is drained: every job gets its turn, and none spoils it for the others."""

from datetime import timedelta
from itertools import count
from threading import Event
from types import SimpleNamespace

import pytest
from sqlalchemy import func, insert, select, update

from app.core import jobs
from app.core.db import transaction
from app.core.jobs import Job
from tests import owners
from tests.builders import values
from workers import drain as room
from workers.drain import drain, sweep


class Work:
    """Stands in for the jobs' functions: notes what was done, and fails or stops as told."""

    def __init__(self):
        self.done = []
        self.failing = set()
        self.when = {}

    def find(self, name):
        def do(number):
            self.when.get(number, lambda: None)()
            if number in self.failing:
                raise ValueError(f"{name} {number} went wrong")
            self.done.append(number)

        return do


@pytest.fixture
def work(app, monkeypatch):
    standing_in = Work()
    monkeypatch.setattr(room, "function", standing_in.find)
    monkeypatch.setattr(room, "TOGETHER", {})
    monkeypatch.setattr(room, "LARGE_BATCHES", {})
    monkeypatch.setattr(room, "stopping", Event())
    return standing_in


def stage(*numbers, name="webhooks.process"):
    for number in numbers:
        with transaction() as session:
            jobs.stage(session, name, number=number)


def rows(session):
    """Every job: its number, how often it was tried, and whether it is due, done, given up."""
    columns = (
        Job.arguments["number"].as_integer(),
        Job.attempts,
        Job.due_at <= func.now(),
        Job.done_at.is_not(None),
        Job.failed_at.is_not(None),
    )
    return values(session.execute(select(*columns).order_by(Job.id)))


NOBODY = dict.fromkeys(jobs.QUEUES, 0)


def waiting(*queues):
    return {queue: jobs.rq_queue(queue).count for queue in queues or jobs.QUEUES}


def test_a_drain_does_all_that_is_due_in_the_order_it_came(work, session):
    numbers = list(range(room.BATCH + 3))
    stage(*numbers)

    drain("webhooks")

    assert work.done == numbers
    assert [row[3:] for row in rows(session)] == [(True, False)] * len(numbers)


def test_a_drain_leaves_other_queues_and_later_jobs_alone(work, session):
    stage(1, 2)
    stage(3, name="payments.refund")
    in_an_hour = func.now() + timedelta(hours=1)
    session.execute(update(Job).where(Job.id == 1).values(due_at=in_an_hour))

    drain("webhooks")

    assert work.done == [2]
    assert rows(session) == [
        (1, 0, False, False, False),
        (2, 1, False, True, False),
        (3, 0, True, False, False),
    ]


def test_a_job_that_fails_is_tried_later_and_stops_no_other(work, session):
    work.failing = {2}
    stage(1, 2, 3)

    drain("webhooks")

    assert work.done == [1, 3]
    assert rows(session)[1] == (2, 1, False, False, False)
    assert session.scalars(select(Job.last_error)).all() == [
        None,
        "ValueError('webhooks.process 2 went wrong')",
        None,
    ]


def test_each_try_waits_longer_than_the_one_before(work, session, monkeypatch):
    monkeypatch.setattr(jobs, "FIRST_DELAY", timedelta(hours=10))
    monkeypatch.setattr(jobs, "LONGEST_DELAY", timedelta(hours=35))
    work.failing = {1}
    stage(1)
    hours = func.round(func.extract("epoch", Job.due_at - func.now()) / 3_600)

    waits = []
    for _ in range(4):
        session.execute(update(Job).values(due_at=func.now()))
        drain("webhooks")
        waits.append(int(session.scalars(select(hours)).one()))

    assert waits == [10, 20, 35, 35]


def test_a_job_that_never_succeeds_is_given_up_after_its_last_try(work, session):
    work.failing = {1}
    stage(1)

    for _ in range(jobs.MOST_ATTEMPTS + 2):
        session.execute(update(Job).values(due_at=func.now()))
        drain("webhooks")

    assert rows(session) == [(1, jobs.MOST_ATTEMPTS, True, False, True)]
    assert waiting("webhooks") == {"webhooks": 1}


def test_a_job_that_kills_its_worker_every_time_is_given_up_too(work, session):
    stage(1, 2)
    session.execute(update(Job).where(Job.id == 1).values(attempts=jobs.MOST_ATTEMPTS))

    drain("webhooks")

    assert work.done == [2]
    assert [row[3:] for row in rows(session)] == [(False, True), (True, False)]


def test_a_worker_that_is_told_to_stop_gives_the_rest_back(work, session):
    work.when = {2: room.stopping.set}
    stage(1, 2, 3, 4)

    drain("webhooks")

    assert work.done == [1, 2]
    assert [row[1:4] for row in rows(session)] == [
        (1, False, True),
        (1, False, True),
        (0, True, False),
        (0, True, False),
    ]
    assert waiting("webhooks") == {"webhooks": 2}


def test_a_slow_batch_is_given_back_before_another_worker_takes_it(work, session, monkeypatch):
    seconds = count(step=room.BUDGET_SECONDS // 6)
    monkeypatch.setattr(room, "time", SimpleNamespace(monotonic=lambda: next(seconds)))
    stage(*range(room.BATCH))

    drain("webhooks")

    done = len(work.done)
    assert 0 < done < room.BATCH
    assert [row[1:4] for row in rows(session)] == [
        *[(1, False, True)] * done,
        *[(0, True, False)] * (room.BATCH - done),
    ]
    assert timedelta(seconds=2 * room.BUDGET_SECONDS) <= jobs.LEASE


def test_a_row_that_names_no_job_of_the_shop_runs_nothing(app, session):
    with transaction() as writing:
        writing.execute(
            insert(Job).values(queue="webhooks", name="os.system", arguments={"command": "true"})
        )

    drain("webhooks")

    columns = Job.attempts, Job.done_at, Job.last_error
    assert values(session.execute(select(*columns))) == [
        (1, None, "AssertionError('os.system is not a job of this shop')")
    ]


def test_many_jobs_wake_their_queue_once(work):
    stage(1, 2, 3)

    assert waiting() == {
        "webhooks": 1,
        "payments": 0,
        "stock": 0,
        "announcements": 0,
        "mail": 0,
        "hooks": 0,
    }


def test_a_job_that_comes_during_a_drain_wakes_the_queue_again(work):
    work.when = {1: lambda: stage(2)}
    stage(1)
    assert waiting("webhooks") == {"webhooks": 1}

    drain("webhooks")

    assert work.done == [1, 2]
    assert waiting("webhooks") == {"webhooks": 2}


def test_the_sweep_wakes_the_queues_whose_wake_up_was_lost(work):
    stage(1, 2)
    stage(3, name="mail.send_alert")
    owners.flush_queue()
    assert waiting() == {
        "webhooks": 0,
        "payments": 0,
        "stock": 0,
        "announcements": 0,
        "mail": 0,
        "hooks": 0,
    }

    sweep()

    assert waiting() == {
        "webhooks": 1,
        "payments": 0,
        "stock": 0,
        "announcements": 0,
        "mail": 1,
        "hooks": 0,
    }


def test_the_sweep_wakes_nobody_for_what_is_done_given_up_or_not_due(work, session):
    work.failing = {2}
    stage(1, 2, 3)
    drain("webhooks")
    session.execute(update(Job).where(Job.id == 3).values(failed_at=func.now(), done_at=None))
    in_an_hour = func.now() + timedelta(hours=1)
    session.execute(update(Job).where(Job.id == 2).values(due_at=in_an_hour))
    owners.flush_queue()

    sweep()

    assert waiting() == {
        "webhooks": 0,
        "payments": 0,
        "stock": 0,
        "announcements": 0,
        "mail": 0,
        "hooks": 0,
    }
