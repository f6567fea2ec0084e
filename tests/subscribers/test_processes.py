"""Real workers of the queue hooks: they deliver, may be killed, and one silence stops nobody."""

import signal
from threading import Barrier, Thread

from sqlalchemy import func, select, update

from app.core import jobs
from app.core.db import transaction
from app.core.ids import new_id
from app.core.jobs import Job
from app.subscribers import deliveries
from app.subscribers.models import Delivery, Subscriber
from tests.subscribers.desk import happen, told
from tests.subscribers.receiver import hangs, receiving
from tests.workers.process import PATIENCE_SECONDS, running, wait_until
from workers.drain import sweep


def test_a_worker_process_delivers_and_ends_when_told(desk, receiver, session):
    desk.register(receiver.url)

    with running("workers.run", "hooks") as worker:
        happen("order.shipped", "order.delivered")
        wait_until(lambda: {row[1] for row in told(session)} == {"delivered"}, on=worker)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE_SECONDS) == 0

    assert len(set(receiver.ids)) == len(receiver.ids) == 2


def test_what_a_killed_worker_had_in_hand_is_delivered_by_another_under_the_same_id(
    desk, receiver, session
):
    desk.register(receiver.url)
    receiver.reply(hangs)
    happen("order.shipped")
    with running("workers.run", "hooks") as worker:
        wait_until(lambda: receiver.messages != [], on=worker)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait(PATIENCE_SECONDS) == -signal.SIGKILL
    assert told(session) == [("order.shipped", "pending", 0)]

    # The leases of the job and of the subscriber run out.
    session.execute(update(Job).where(Job.done_at.is_(None)).values(due_at=func.now()))
    session.execute(update(Subscriber).values(rests_until=func.now()))
    with running("workers.run", "hooks") as another:
        wait_until(lambda: sweep() or told(session)[0][1] == "delivered", on=another)

    assert len(receiver.ids) == 2
    assert len(set(receiver.ids)) == 1


def test_while_one_subscriber_is_silent_a_second_worker_serves_the_others(desk, receiver, session):
    with receiving() as silent:
        silent.reply(hangs)
        desk.register(silent.url, "order.shipped")
        desk.register(receiver.url, "order.delivered")
        with running("workers.run", "hooks") as first, running("workers.run", "hooks"):
            wait_until(lambda: jobs.connection().scard("rq:workers") == 2, on=first)
            happen("order.shipped")
            wait_until(lambda: silent.messages != [], on=first)
            happen(*["order.delivered"] * 20)
            served = ("order.delivered", "delivered", 1)
            wait_until(lambda: sweep() or told(session).count(served) == 20, on=first)

            # Nobody has had an answer of the other one, whose message was there first.
            assert [row[:2] for row in told(session) if row != served] == [
                ("order.shipped", "pending")
            ]


def test_an_event_that_is_told_at_once_by_many_is_written_once(desk, session):
    for _ in range(3):
        desk.register("http://127.0.0.1:9/")
    event_id, subject, together = new_id(), new_id(), Barrier(8)

    def tell():
        together.wait()
        with transaction() as inner:
            deliveries.tell(inner, "order.shipped", subject, event_id)

    threads = [Thread(target=tell) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert session.scalar(select(func.count()).select_from(Delivery)) == 3
