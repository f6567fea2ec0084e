"""Processes of tests: forked from one that has imported everything and has no connection yet."""

import multiprocessing
from multiprocessing.context import ForkServerContext

_IMPORTED = ("tests.crashes.child", "tests.races.crowd", "workers.webhooks")


def forks() -> ForkServerContext:
    """Make processes that begin at once."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_IMPORTED))
    return context
