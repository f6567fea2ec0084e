"""The clock's schedule: written as often as one likes, it is there once."""

import pytest

from app.core import jobs

EXPECTED = {
    "workers.drain.sweep": ("stock", 5),
    "workers.expiry.expire_orders": ("stock", 10),
    "workers.payments.poll_payments": ("payments", 15),
    "workers.payments.poll_refunds": ("payments", 15),
    "workers.payments.start_reconciliation": ("payments", 600),
    "workers.stock.start_reconciliation": ("stock", 60),
    "workers.stock.sweep_reservations": ("stock", 60),
    "workers.webhooks.prune_events": ("webhooks", 600),
}


# rq-scheduler asks redis-py for what it no longer likes to be asked, and reads utcnow().
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rq_scheduler")
@pytest.mark.filterwarnings("ignore::FutureWarning:rq_scheduler")
def test_a_schedule_that_is_written_twice_is_there_once(app):
    from rq_scheduler import Scheduler

    from workers.schedule import register

    for _ in range(2):
        scheduler = Scheduler(connection=jobs.connection(), job_class=jobs.AllowedJob)
        register(scheduler)

    written = list(scheduler.get_jobs())
    assert scheduler.count() == len(EXPECTED)
    assert {job.func_name: (job.origin, job.meta["interval"]) for job in written} == EXPECTED
    assert set(EXPECTED) <= jobs.ALLOWED
