"""A process that kills itself in the middle of a story: no handler of it gets to see that."""

import os
import signal
from collections.abc import Callable, Mapping
from typing import Any
from unittest import mock
from uuid import UUID

from app import connect
from app.checkout import complete
from app.checkout.start import start_checkout
from app.config import load_settings
from app.core import db, jobs
from app.core.db import transaction
from app.core.redis_client import redis
from app.inventory import adjustments, ledger, reservations, scripts, stock
from app.inventory.adjustments import Change
from tests.races.forks import forks
from workers.drain import drain

PATIENCE_SECONDS = 60
# Where: the function around the point, by its module and name, and on which side of it.
Point = tuple[Any, str, str]
POINTS: Mapping[str, Point] = {
    "checkout: before Redis reserves": (reservations, "reserve", "before"),
    "checkout: after Redis reserved": (reservations, "reserve", "after"),
    "checkout: before Postgres commits": (db, "statement", "before"),
    "checkout: before the answer": (db, "statement", "after"),
    "capture: before Redis commits": (complete, "commit_all", "before"),
    "capture: after Redis committed": (complete, "commit_all", "after"),
    "capture: before Postgres commits": (complete, "_conclude", "after"),
    "capture: before Redis settles": (ledger, "settle_all", "before"),
    "capture: after Redis settled": (ledger, "settle_all", "after"),
    "capture: before the job is done": (jobs, "finish", "before"),
    "load: before the script": (scripts, "load", "before"),
    "load: before Postgres commits": (scripts, "load", "after"),
    "load: after Postgres committed": (stock, "load", "never"),
    "adjustment: after Redis committed": (reservations, "commit", "after"),
    "adjustment: before Postgres commits": (adjustments, "_book", "after"),
    "adjustment: before Redis settles": (adjustments, "_show", "before"),
}


def dies(at: str, story: Callable[..., None], *arguments: Any) -> None:
    """Run a story in a process of its own, which has to kill itself at that point."""
    child = forks().Process(target=_run, args=(dict(os.environ), at, story, arguments))
    child.start()
    child.join(PATIENCE_SECONDS)
    assert child.exitcode == -signal.SIGKILL, f"{at} was not reached: {child.exitcode}"


def _run(
    environ: Mapping[str, str], at: str, story: Callable[..., None], arguments: tuple[Any, ...]
) -> None:
    os.environ.update(environ)
    connect(load_settings())
    module, name, side = POINTS[at]
    really = getattr(module, name)

    def instead(*args: Any, **options: Any) -> Any:
        if side == "before":
            _die()
        answer = really(*args, **options)
        if side == "after":
            _die()
        return answer

    with mock.patch.object(module, name, instead):
        story(*arguments)
    if side == "never":
        _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def check_out(customer_id: UUID, key: str, body: dict[str, Any]) -> None:
    start_checkout(load_settings(), customer_id=customer_id, key=key, body=body)


def work(queue: str) -> None:
    drain(queue)


def load(skus: list[str]) -> None:
    with transaction() as session:
        stock.load(session, redis(), skus, is_forced=True)


def adjust(changes: list[Change], reference: str) -> None:
    adjustments.adjust(redis(), changes, reference=reference, actor="staff")
