"""
Traffic: customers who come at a rate, whatever becomes of those before them.

A process of its own: python -m chaos.traffic SETTINGS.json, until its standard input is closed;
then nobody comes any more, and those who are there end what they began.
"""

import heapq
import itertools
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from bench.house import tokens_of
from chaos.client import Client
from chaos.history import History
from chaos.journeys import KINDS, Customer, Journey, Shelf

THREADS = 24
# A token lasts for a quarter of an hour.
_RENEWED_SECONDS = 600
# More than these at once would only wait for each other.
_MOST_AT_ONCE = 3_000


@dataclass
class _Tokens:
    """Everybody's token, renewed in time."""

    customers: list[str]
    admin: str
    _found: dict[str, str] = field(default_factory=dict)
    _until: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, who: str) -> str:
        """Tell somebody's token."""
        with self._lock:
            if time.monotonic() > self._until:
                ids = [UUID(one) for one in self.customers]
                self._found = dict(zip(self.customers, tokens_of(ids), strict=True))
                [self._found[self.admin]] = tokens_of([UUID(self.admin)], "admin")
                self._until = time.monotonic() + _RENEWED_SECONDS
            return self._found[who]


class Traffic:
    """Journeys under way, in the order in which they are due, and threads that go on with them."""

    def __init__(self, settings: dict[str, Any], history: History) -> None:
        """Take who there is, what there is to buy, and where."""
        self._random = Random(settings["seed"])
        self._settings, self._history = settings, history
        self._kinds = {
            kind: share for kind, share in KINDS.items() if kind.__name__ not in settings["without"]
        }
        self._tokens = _Tokens(settings["customers"], settings["admin"])
        self._shelf = Shelf(settings["plenty"], settings["scarce"])
        self._due: list[tuple[float, int, Journey, Customer]] = []
        self._ticket = itertools.count()
        self._changed = threading.Condition()
        self._under_way = 0
        self._is_over = False

    def run(self) -> None:
        """Let customers come until standard input is closed, then until all are through."""
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        closed = threading.Thread(target=self._listen, daemon=True)
        closed.start()
        begin, pause = time.monotonic(), 1 / self._settings["rate"]
        for number in itertools.count():
            left = begin + number * pause - time.monotonic()
            if left > 0:
                time.sleep(left)
            if self._is_over:
                break
            if self._under_way < _MOST_AT_ONCE:
                self._begin()
        with self._changed:
            self._changed.notify_all()
        for thread in threads:
            thread.join()

    def _listen(self) -> None:
        sys.stdin.read()
        self._is_over = True

    def _begin(self) -> None:
        kind = self._random.choices(list(self._kinds), list(self._kinds.values()))[0]
        who = self._random.choice(self._settings["customers"])
        client = Client(self._history, 0, 0)
        customer = Customer(
            who,
            lambda: self._tokens.of(who),
            lambda: self._tokens.of(self._settings["admin"]),
            Random(self._random.random()),
            client,
        )
        with self._changed:
            self._under_way += 1
        self._put(0.0, kind(customer, self._shelf), customer)

    def _put(self, seconds: float, journey: Journey, customer: Customer) -> None:
        entry = (time.monotonic() + seconds, next(self._ticket), journey, customer)
        with self._changed:
            heapq.heappush(self._due, entry)
            self._changed.notify()

    def _work(self) -> None:
        client = Client(self._history, self._settings["shop"], self._settings["gateway"])
        while (found := self._next()) is not None:
            _, _, journey, customer = found
            customer.client = client
            try:
                seconds = next(journey)
            except StopIteration:
                self._end()
            except Exception as error:  # noqa: BLE001 - an answer that nobody foresaw is a finding
                self._history.note(op="broken-journey", error=repr(error), t0=time.time(), status=0)
                self._end()
            else:
                self._put(seconds, journey, customer)

    def _end(self) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def _next(self) -> tuple[float, int, Journey, Customer] | None:
        with self._changed:
            while True:
                wait = self._due[0][0] - time.monotonic() if self._due else 1.0
                if self._due and wait <= 0:
                    return heapq.heappop(self._due)
                if self._is_over and not self._under_way:
                    return None
                self._changed.wait(min(wait, 1.0))


def main(settings: dict[str, Any]) -> None:
    """Run until told to stop."""
    history = History(Path(settings["history"]))
    Traffic(settings, history).run()
    history.close()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
