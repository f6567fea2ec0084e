"""Jobs at the pages: what waits, what was given up, and trying it again."""

from datetime import UTC, datetime, timedelta

import pytest
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy import func, select, update

from app.core import clock, jobs
from app.core.clock import ClockJob, ClockRun
from app.core.db import transaction
from app.core.jobs import Job
from tests.backoffice.browser import words
from workers.schedule import SCHEDULE


@pytest.fixture
def given_up(session):
    """A mail that nobody could send."""
    with transaction() as opened:
        jobs.stage(opened, "mail.send_verification", user_id="00000000-0000-4000-8000-000000000000")
    values = {"failed_at": func.now(), "attempts": 24, "last_error": "ConnectionRefusedError()"}
    return session.scalars(update(Job).values(values).returning(Job.id)).one()


def test_an_empty_page_says_so(staff):
    shown = words(staff.get("/jobs/"))

    assert "No job was given up." in shown
    assert all(queue in shown for queue in jobs.QUEUES)


def test_what_was_given_up_is_tried_again(shop, session, admin, given_up):
    shown = words(admin.get("/jobs/"))
    assert "mail send verification" in shown
    assert "ConnectionRefusedError()" in shown

    admin.send("/jobs/", "/retry", job_id=str(given_up))
    assert "1 to be tried again." in words(admin.get("/jobs/"))
    shop.work("announcements", "mail")

    session.expire_all()
    assert session.scalars(select(Job.done_at).where(Job.id == given_up)).one() is not None
    assert "No job was given up." in words(admin.get("/jobs/"))


@pytest.mark.parametrize("chosen", [[], ["x"], ["99999999999999999"], ["-1"]])
def test_what_is_no_job_is_not_tried(admin, given_up, chosen):
    assert given_up
    assert admin.send("/jobs/", "/retry", job_id=chosen).status_code == 302


def test_staff_look_and_do_not_touch(session, staff, given_up):
    assert "Try the chosen ones again" not in staff.get("/jobs/").text
    assert staff.send("/jobs/", "/retry", job_id=str(given_up)).status_code == 403
    assert session.scalars(select(Job.failed_at)).one() is not None


def test_a_job_of_the_clock_runs_when_it_is_asked_for(session, admin):
    """Its next turn is an hour away; a worker does what the page handed over, and no more."""
    with transaction() as opened:
        clock.register(opened, SCHEDULE, now=datetime.now(UTC))
        opened.execute(update(ClockJob).values(next_due_at=func.now() + timedelta(hours=1)))
    name = "stock.sweep_reservations"

    assert admin.send("/jobs/", "/run", name=name).status_code == 302
    assert "Stock sweep reservations runs as soon as" in words(admin.get("/jobs/"))
    work_all("stock")
    work_all("mail")

    assert session.scalars(select(ClockRun.name)).all() == [name]
    assert session.scalars(select(ClockRun.outcome)).one() == "done"


@pytest.mark.parametrize("name", ["", "stock.none", "workers.run.main", "\0"])
def test_what_the_clock_does_not_know_is_not_run(admin, name):
    with transaction() as opened:
        clock.register(opened, SCHEDULE, now=datetime.now(UTC))
    before = jobs.rq_queue("stock").count

    admin.send("/jobs/", "/run", name=name)

    assert "is no job of the clock" in words(admin.get("/jobs/"))
    assert jobs.rq_queue("stock").count == before


def work_all(queue):
    """Do what RQ was handed for a queue, and nothing besides."""
    SimpleWorker(
        [jobs.rq_queue(queue)], connection=jobs.connection(), job_class=jobs.AllowedJob,
        serializer=JSONSerializer,
    ).work(burst=True)  # fmt: skip
