"""Deliveries, browsers and workers at the same time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from sqlalchemy.orm import Session

from tests.builders import Shop
from tests.payments.purchase import make_due, open_jobs

# Longer than any thread is kept waiting on a busy machine; a barrier that breaks fails the test.
PATIENCE_SECONDS = 20
# More rounds than jobs that meet each other need to be over.
MOST_ROUNDS = 20


def all_at_once(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Make every call in a thread of its own, all of them started together."""
    start = Barrier(len(calls))

    def begin(call: Callable[[], Any]) -> Any:
        start.wait(PATIENCE_SECONDS)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(begin, call) for call in calls]]


def finish(shop: Shop, session: Session) -> None:
    """Let the workers end what the threads left, tries that met each other included."""
    for _ in range(MOST_ROUNDS):
        if not open_jobs(session):
            return
        make_due(session)
        shop.work()
    assert open_jobs(session) == []
