"""RQ's Redis dies: workers, the clock and web go on with its replica, by themselves."""

import signal

import pytest
from redis import Redis
from redis.exceptions import RedisError

from app import create_app
from app.core import jobs
from app.payments import gateway as gateways
from tests.payments.balance import assert_balanced
from tests.payments.purchase import open_jobs, purchase
from tests.workers.process import PATIENCE_SECONDS, running, wait_until
from workers.clock import Clock
from workers.schedule import SCHEDULE


def is_confirmed(bought):
    return bought.status == ("confirmed", "captured")


def is_scheduled():
    try:
        return jobs.connection().zcard(Clock.scheduled_jobs_key) == len(SCHEDULE)
    except RedisError:
        return False


def test_workers_and_the_clock_go_on_after_a_failover(shop, session, watched_queue):
    shop.product("ring", 2)
    before, after = purchase(shop, ring=1), purchase(shop, ring=1)

    with (
        running("workers.run", "webhooks") as worker,
        running("workers.run", "stock") as sweeper,
        running("workers.clock") as clock,
    ):
        before.tell("payment.captured", before.pay())
        wait_until(lambda: is_confirmed(before), on=worker)
        wait_until(is_scheduled, on=clock)

        master = watched_queue.master
        watched_queue.cut_off_replica()
        # The wake-up dies with the master: the sweep of the clock has to find the event.
        after.tell("payment.captured", after.pay())
        master.kill()
        watched_queue.await_another_than(master)
        wait_until(is_scheduled, on=clock)
        wait_until(lambda: is_confirmed(after), on=worker)

        for process in (clock, worker, sweeper):
            process.send_signal(signal.SIGTERM)
        ended = [process.wait(PATIENCE_SECONDS) for process in (clock, worker, sweeper)]

    assert ended == [0, 0, 0]
    assert "webhooks.process" not in open_jobs(session)
    assert_balanced(session)


def test_a_process_that_knew_the_old_master_hands_jobs_to_the_new_one(watched_queue):
    jobs.wake("mail")
    master = watched_queue.master
    master.kill()
    watched_queue.await_another_than(master)

    jobs.wake("webhooks")
    jobs.wake("webhooks")

    assert [job.func_name for job in jobs.rq_queue("webhooks").jobs] == [jobs.DRAIN]


@pytest.fixture
def counting(app, settings, watched_queue):
    """An app that counts in the watched server."""
    before, offered = gateways.all_gateways(), gateways.offered()
    changed = {"rate_limits": "on", "queue_redis_url": watched_queue.url}
    yield create_app(settings.model_copy(update=changed)).test_client()
    create_app(settings)
    gateways.connect(before, offered=offered)


def test_rate_limits_are_counted_there_too(counting, watched_queue):
    body = {"email": "meera@example.com", "password": "not hers at all"}
    answers = [counting.post("/api/v1/auth/login", json=body).status_code for _ in range(11)]

    assert answers == [401] * 10 + [429]
    # Not in the process' own memory, where it counts while Redis is away.
    with Redis.from_url(watched_queue.master.admin_url) as owner:
        assert owner.keys("LIMITS:*") != []
