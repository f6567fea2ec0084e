"""Jobs that wait for their time, run by a few background threads."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

Job = Callable[[], None]


class Agenda:
    """
    A heap of due times and a bounded pool of threads.

    Threads start with the first job, so that an app can be built before a server
    forks, and they are daemons, so that a stop never waits for them.
    """

    def __init__(self, thread_count: int = 16) -> None:
        self._thread_count = thread_count
        self._due: list[tuple[float, int, Job]] = []
        self._ticket = itertools.count()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._closed = False

    def after(self, seconds: float, job: Job) -> None:
        """Run a job on a background thread when this time has passed."""
        entry = (time.monotonic() + seconds, next(self._ticket), job)
        with self._changed:
            if self._closed:
                return
            heapq.heappush(self._due, entry)
            if len(self._threads) < self._thread_count:
                thread = threading.Thread(target=self._run, name="sandbox-agenda", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Forget every waiting job and let the threads end."""
        with self._changed:
            self._closed = True
            self._due.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=10)

    def _run(self) -> None:
        while (job := self._next_due()) is not None:
            try:
                job()
            except Exception:
                # A lost thread would silence the rest of the agenda.
                log.exception("A background job of the sandbox failed")

    def _next_due(self) -> Job | None:
        with self._changed:
            while not self._closed:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
        return None
