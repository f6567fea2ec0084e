"""Processes that wait for a race."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

from tests.races.buyers import PATIENCE_SECONDS, PROCESSES, enter

Race = Callable[..., list[Any]]


@pytest.fixture(scope="session")
def race(server_urls: dict[str, str]) -> Iterator[Race]:
    """Run a function in every process at once, each with its own arguments, for its answers."""
    spawn = multiprocessing.get_context("spawn")
    gate = spawn.Barrier(PROCESSES)
    with ProcessPoolExecutor(
        PROCESSES, mp_context=spawn, initializer=enter, initargs=(gate, server_urls)
    ) as processes:

        def run(function: Callable[..., Any], *arguments: tuple[Any, ...], **common: Any):
            assert len(arguments) == PROCESSES
            # Each waits for all at the start, so that no process takes two.
            started = [processes.submit(function, *mine, **common) for mine in arguments]
            return [answer.result(PATIENCE_SECONDS) for answer in started]

        yield run
