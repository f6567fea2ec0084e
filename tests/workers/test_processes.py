"""Real worker processes: they do the work, stop when told, and may be killed at any moment."""

import signal
import subprocess
import sys

import pytest
from redis import Redis
from rq import Queue
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer
from sqlalchemy import select

from app.core import jobs
from app.core.jobs import Job
from dev.redis_server import RedisServer
from tests import owners
from tests.payments.balance import assert_balanced
from tests.payments.purchase import given_back, make_due, open_jobs, purchase, refunds
from tests.workers.process import PATIENCE_SECONDS, ROOT, running, wait_until
from workers.clock import Clock
from workers.drain import sweep
from workers.schedule import SCHEDULE

# Longer than the clock needs to notice that it speaks to nobody.
OUTAGE_SECONDS = 4


@pytest.fixture
def bought(shop):
    shop.product("ring", 2)
    return purchase(shop, ring=1)


@pytest.fixture
def to_go_back(shop, bought):
    """A payment of another amount than the price; its refund is staged and not yet asked for."""
    paid = bought.pay(amount=bought.total + 100)
    bought.tell("payment.captured", paid)
    shop.work("webhooks")
    return paid


def is_begun(session, name):
    return session.scalars(select(Job.attempts).where(Job.name == name)).one() > 0


def test_a_worker_process_confirms_what_was_paid_and_ends_when_told(shop, session, bought):
    with running("workers.run", "webhooks") as worker:
        bought.tell("payment.captured", bought.pay())
        wait_until(lambda: bought.status == ("confirmed", "captured"), on=worker)
        wait_until(lambda: "webhooks.process" not in open_jobs(session), on=worker)

        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_SECONDS) == 0

    assert open_jobs(session) == []
    assert_balanced(session)


def test_a_worker_that_is_told_to_stop_finishes_the_job_at_hand(shop, session, bought, to_go_back):
    shop.gateway.fault(route="refunds.create", latency_ms=1_500)

    with running("workers.run", "payments") as worker:
        wait_until(lambda: is_begun(session, "payments.refund"), on=worker)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_SECONDS) == 0

    assert open_jobs(session) == ["mail.send_alert"]
    assert refunds(session) == [(to_go_back, bought.total + 100, "processed", "amount_mismatch")]
    assert_balanced(session)


def test_what_a_killed_worker_had_in_hand_is_finished_by_another(shop, session, bought, to_go_back):
    # The gateway gives the money back, and the worker dies waiting for the answer.
    shop.gateway.fault(route="refunds.create", reset_after=True, hang_ms=2_000, next_n=1)
    with running("workers.run", "payments") as worker:
        wait_until(lambda: given_back(shop, to_go_back) != [], on=worker)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert open_jobs(session) == ["payments.refund", "mail.send_alert"]

    make_due(session)
    with running("workers.run", "payments") as another:
        wait_until(lambda: sweep() or open_jobs(session) == ["mail.send_alert"], on=another)

    assert given_back(shop, to_go_back) == [(bought.total + 100, "processed")]
    assert refunds(session) == [(to_go_back, bought.total + 100, "processed", "amount_mismatch")]
    assert_balanced(session)


def test_a_function_that_is_no_job_of_the_shop_is_not_run(shop, session, bought, tmp_path):
    touched = tmp_path / "touched"
    in_json = Queue("webhooks", connection=jobs.connection(), serializer=JSONSerializer)
    in_pickle = Queue("webhooks", connection=jobs.connection())
    refused = [queue.enqueue("os.system", f"touch {touched}") for queue in (in_json, in_pickle)]

    with running("workers.run", "webhooks") as worker:
        bought.tell("payment.captured", bought.pay())
        wait_until(lambda: bought.status == ("confirmed", "captured"), on=worker)

    assert not touched.exists()
    failed = FailedJobRegistry("webhooks", connection=jobs.connection())
    assert sorted(failed.get_job_ids()) == sorted(job.id for job in refused)


def is_handed_over():
    """Whether the sweep found the event; the clock puts jobs of its own into that queue too."""
    waiting = jobs.rq_queue("webhooks").get_jobs()
    return any(job.func_name == jobs.DRAIN for job in waiting)


def test_the_clock_finds_lost_work_again_and_ends_when_told(shop, session, bought):
    bought.tell("payment.captured", bought.pay())
    owners.flush_queue()

    with running("workers.clock") as clock, running("workers.run", "stock") as worker:
        wait_until(is_handed_over, on=worker)
        # A queue that loses everything loses the schedule too; the clock writes it again.
        owners.flush_queue()
        wait_until(is_handed_over, on=clock)

        for process in (clock, worker):
            process.send_signal(signal.SIGTERM)
        assert (clock.wait(PATIENCE_SECONDS), worker.wait(PATIENCE_SECONDS)) == (0, 0)

    shop.work()
    assert bought.status == ("confirmed", "captured")


def test_the_clock_outlives_the_redis_of_its_queues(shop, tmp_path, monkeypatch):
    server = RedisServer(tmp_path / "queue", durable=False)
    server.start()
    monkeypatch.setenv("QUEUE_REDIS_URL", server.url)
    try:
        with running("workers.clock") as clock, Redis.from_url(server.url) as client:
            wait_until(lambda: client.zcard(Clock.scheduled_jobs_key) == len(SCHEDULE), on=clock)
            server.kill()
            with pytest.raises(subprocess.TimeoutExpired):
                clock.wait(OUTAGE_SECONDS)

            server.start()
            wait_until(lambda: client.zcard(Clock.scheduled_jobs_key) == len(SCHEDULE), on=clock)

            server.kill()
            clock.send_signal(signal.SIGTERM)
            # At once where it had not come so far as to listen.
            assert clock.wait(PATIENCE_SECONDS) in {0, -signal.SIGTERM}
    finally:
        server.remove()


def test_a_worker_serves_a_queue_that_exists():
    ended = subprocess.run(
        [sys.executable, "-m", "workers.run", "nonsense"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"Usage: python -m workers.run {{{','.join(jobs.QUEUES)}}}\n"
