"""Buyers who keep their connections, ask everything once, and note what went wrong."""

import threading
import time
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

import requests

from bench.house import tokens_of
from dev.buyer import Buyer

CONFIRMED_WITHIN_SECONDS = 120
LOOK_AGAIN_SECONDS = 0.2
# Between two purchases, so that mails and invoices keep up.
PAUSE_SECONDS = 1.0


@dataclass
class Crowd:
    """Some buyers, each in a thread, who buy again and again until they are sent home."""

    base_url: str
    sandbox_url: str
    customers: list[str]
    skus: list[str]
    bought: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    # Of each request to the shop: what it was, and how long it took.
    took: list[tuple[str, float]] = field(default_factory=list)
    asking: int = 0
    _is_over: threading.Event = field(default_factory=threading.Event)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        tokens = tokens_of([UUID(customer) for customer in self.customers])
        for number, token in enumerate(tokens):
            thread = threading.Thread(target=self._live, args=(number, token), daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, is_so: Any, seconds: float = 240) -> None:
        """Wait until what the buyers have seen is so."""
        with self._changed:
            assert self._changed.wait_for(is_so, seconds), (
                f"not within {seconds} s; {self.failures}"
            )

    def buy_more(self, purchases: int) -> None:
        """Wait until so many more were begun and ended well, or something went wrong."""
        goal = len(self.bought) + purchases
        self.wait_for(lambda: len(self.bought) >= goal or self.failures)

    def longest(self) -> float:
        return max(seconds for _, seconds in self.took)

    def _live(self, number: int, token: str) -> None:
        buyer = _Noting(self, token)
        while not self._is_over.is_set():
            try:
                order_id = self._buy(buyer, self.skus[number % len(self.skus)])
            except (AssertionError, requests.RequestException) as error:
                self.note(self.failures, f"{type(error).__name__}: {error}"[:300])
            else:
                self.note(self.bought, order_id)
            self._is_over.wait(PAUSE_SECONDS)

    def _buy(self, buyer: "_Noting", sku: str) -> str:
        answer = buyer.check_out(sku)
        assert answer.status_code == 201, f"checkout: {answer.status_code} {answer.text}"
        order_id = str(answer.json()["id"])
        buyer.pay(order_id, self.sandbox_url)
        until = time.monotonic() + CONFIRMED_WITHIN_SECONDS
        while (status := buyer.status(order_id)) != "confirmed":
            assert time.monotonic() < until, f"order {order_id} is still {status}"
            self._is_over.wait(LOOK_AGAIN_SECONDS)
        return order_id

    def note(self, notes: list[Any], what: Any) -> None:
        with self._changed:
            notes.append(what)
            self._changed.notify_all()

    def begin(self, step: int) -> None:
        with self._changed:
            self.asking += step
            self._changed.notify_all()


class _Noting(Buyer):
    """A buyer whose requests are counted; a connection that was closed before is opened anew."""

    def __init__(self, crowd: Crowd, token: str) -> None:
        super().__init__(crowd.base_url)
        self._crowd = crowd
        self.http.headers["Authorization"] = token

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        begun = time.monotonic()
        self._crowd.begin(1)
        try:
            return super().send(method, path, **options)
        finally:
            self._crowd.begin(-1)
            seconds = time.monotonic() - begun
            self._crowd.note(self._crowd.took, (f"{method} {path}", seconds))
