"""Processes of tests: forked from one that has imported everything and has no connection yet."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import ForkServerContext
from typing import Any

PATIENCE_SECONDS = 180
Race = Callable[..., list[Any]]
_IMPORTED = (
    "tests.crashes.child",
    "tests.races.crowd",
    "tests.races.splitting",
    "workers.webhooks",
)


def forks() -> ForkServerContext:
    """Make processes that begin at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_IMPORTED))
    return context


@contextmanager
def processes(number: int, enter: Callable[..., None], *arguments: Any) -> Iterator[Race]:
    """Have so many processes, each entered by a barrier that it is given, and these arguments."""
    gate = forks().Barrier(number)
    with ProcessPoolExecutor(
        number, mp_context=forks(), initializer=enter, initargs=(gate, *arguments)
    ) as processes:

        def run(function: Callable[..., Any], *arguments: tuple[Any, ...], **common: Any):
            assert len(arguments) == number
            # Each waits for all at the start, so that no process takes two.
            started = [processes.submit(function, *mine, **common) for mine in arguments]
            return [answer.result(PATIENCE_SECONDS) for answer in started]

        yield run
