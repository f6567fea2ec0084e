"""What a worker does with jobs that somebody else wrote into RQ's Redis."""

import json
import os
import pickle

import pytest
from redis import Redis
from rq import Queue
from rq.exceptions import DeserializationError
from rq.job import Callback
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer
from rq.webhook import Webhook

from app.core import jobs
from app.core.jobs import AllowedJob, RefusedJobError
from workers.run import Worker


@pytest.fixture
def mark(tmp_path):
    """A file that is there once somebody's code has run."""
    return tmp_path / "mark"


class Touching:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def foreign_queue():
    """RQ's own queue, which asks nobody what may run."""
    return Queue("mail", connection=jobs.connection(), serializer=JSONSerializer)


def work(monkeypatch, job_class=AllowedJob):
    """Let a worker do what waits in the queue."""
    monkeypatch.setattr(Worker, "_install_signal_handlers", lambda _: None)
    # Of its own, since RQ changes how long a worker's connection waits.
    with Redis.from_url(os.environ["QUEUE_REDIS_URL"]) as connection:
        queue = Queue("mail", connection=connection, job_class=job_class, serializer=JSONSerializer)
        worker = Worker(
            [queue], connection=connection, job_class=job_class, serializer=JSONSerializer
        )
        worker.work(burst=True, logging_level="CRITICAL")


def test_the_functions_that_rq_may_run_are_a_short_list():
    assert sorted(jobs.ALLOWED) == ["workers.drain.drain", "workers.schedule.run"]


@pytest.mark.parametrize("name", sorted(jobs.ALLOWED))
def test_a_function_on_the_list_runs(app, name):
    job = AllowedJob.create(name, connection=jobs.connection())

    assert f"{job.func.__module__}.{job.func.__name__}" == name


@pytest.mark.parametrize(
    "name",
    ["os.system", "builtins.eval", "workers.drain.drain.__globals__", "workers.run.main", ""],
)
def test_any_other_function_is_refused(app, name):
    job = AllowedJob.create("os.system", connection=jobs.connection())
    job._func_name = name

    with pytest.raises(RefusedJobError, match="is not a job of this shop"):
        _ = job.func


def test_a_worker_does_not_run_a_command_that_somebody_queued(app, mark, monkeypatch):
    job = foreign_queue().enqueue("os.mkdir", str(mark))

    work(monkeypatch)

    assert not mark.exists()
    assert job.get_status() == "failed"
    assert "RefusedJobError" in job.latest_result().exc_string


def test_rq_alone_would_have_run_it(app, mark):
    job = foreign_queue().enqueue("os.mkdir", str(mark))

    RqJob.fetch(job.id, connection=jobs.connection(), serializer=JSONSerializer).perform()

    assert mark.exists()


def test_a_job_that_was_pickled_is_not_unpickled(app, mark):
    job = foreign_queue().enqueue(jobs.DRAIN, "mail")
    jobs.connection().hset(job.key, "data", pickle.dumps(Touching(mark)))

    read = AllowedJob.fetch(job.id, connection=jobs.connection())
    with pytest.raises(DeserializationError):
        _ = read.func

    assert not mark.exists()


def test_rq_alone_would_have_unpickled_it(app, mark):
    job = foreign_queue().enqueue(jobs.DRAIN, "mail")
    jobs.connection().hset(job.key, "data", pickle.dumps(Touching(mark)))

    read = RqJob.fetch(job.id, connection=jobs.connection())
    with pytest.raises(DeserializationError):
        _ = read.func

    assert mark.exists()


def remember(job, connection, *_):
    connection.set("rq:somebody was here", job.id)


AFTERWARDS = [(jobs.DRAIN, "on_success"), ("os.mkdir", "on_failure")]
REMEMBER = Callback(f"{__name__}.remember")


@pytest.mark.parametrize(("name", "when"), AFTERWARDS)
def test_no_function_of_somebody_elses_follows_a_job(app, monkeypatch, name, when):
    job = foreign_queue().enqueue(name, "mail", **{when: REMEMBER})

    work(monkeypatch)

    assert job.get_status() == ("finished" if when == "on_success" else "failed")
    assert jobs.connection().get("rq:somebody was here") is None


def test_rq_alone_would_have_called_it(app, monkeypatch):
    job = foreign_queue().enqueue(jobs.DRAIN, "mail", on_success=REMEMBER)

    work(monkeypatch, job_class=RqJob)

    assert jobs.connection().get("rq:somebody was here") == job.id.encode()


def test_no_address_of_somebody_elses_is_told_of_a_job(app):
    job = foreign_queue().enqueue(jobs.DRAIN, "mail")
    told = [Webhook("http://127.0.0.1:9/", "finished").to_dict()]
    jobs.connection().hset(job.key, "webhooks", json.dumps(told))

    def addresses(job_class):
        read = job_class.fetch(job.id, connection=jobs.connection(), serializer=JSONSerializer)
        return [webhook.url for webhook in read.webhooks]

    assert (addresses(AllowedJob), addresses(RqJob)) == ([], ["http://127.0.0.1:9/"])
