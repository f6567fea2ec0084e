"""A sale over real HTTP: buyers who pay, and come again when they are told to, or hung up on."""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from tests.builders import ADDRESS, PAN, Customer, Shop

ROOT = Path(__file__).parents[2]
# On a machine that is busy with others.
PATIENCE_SECONDS = 240
AGAIN_SECONDS = 0.1


@contextmanager
def web(
    port: int,
    *,
    app: str = "wsgi:app",
    processes: int = 1,
    host: str = "127.0.0.1",
    within: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the shop on the test's servers, as the Procfile does; begins when it is ready."""
    command = [
        *within, sys.executable, "-m", "serve", app, "--host", host, "--port", str(port),
        "--processes", str(processes),
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **(env or {})}, start_new_session=True
    )
    try:
        await_answer(f"http://{host}:{port}/readyz", on=process)
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill it and all that it has begun."""
    if process.poll() is None:
        os.killpg(process.pid, 9)
    process.wait(PATIENCE_SECONDS)


def await_answer(url: str, *, on: subprocess.Popen[bytes]) -> None:
    """Wait until the shop says that it is ready."""
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if requests.get(url, timeout=5).status_code == HTTPStatus.OK:
                return
        except requests.RequestException:
            pass
        assert on.poll() is None, f"web ended with {on.returncode}"
        assert time.monotonic() < give_up_at, "web was not ready in time"
        time.sleep(AGAIN_SECONDS)


@dataclass
class Sale:
    """Buyers of one product, until it is sold out."""

    shop: Shop
    hosts: Sequence[str]
    sku: str
    # How long a connection and an answer are waited for; a balancer has such times too.
    call_seconds: tuple[float, float] = (5, 60)
    # Every answer to a checkout, and what nobody answered.
    answers: list[Any] = field(default_factory=list)
    # How many requests each host answered.
    answered: Counter[str] = field(default_factory=Counter)
    # The orders that were promised, and their payments.
    ordered: list[str] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def run(self, buyers: int, meanwhile: Callable[["Sale"], None] | None = None) -> None:
        """Sell to so many at once, until each of them is told that there is none left."""
        customers = [self.shop.customer() for _ in range(buyers)]
        with ThreadPoolExecutor(buyers) as threads:
            running = [
                threads.submit(self._buy, number, customer)
                for number, customer in enumerate(customers)
            ]
            if meanwhile is not None:
                meanwhile(self)
            [future.result(PATIENCE_SECONDS) for future in running]

    def wait_for(self, orders: int) -> None:
        """Wait until so many orders were promised."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.ordered) >= orders, PATIENCE_SECONDS)

    def _buy(self, number: int, customer: Customer) -> None:
        http = requests.Session()
        http.headers["Authorization"] = f"Bearer {customer.token}"
        body = {
            "shipping_address": ADDRESS, "pan": PAN, "lines": [{"sku": self.sku, "quantity": 1}],
        }  # fmt: skip
        visitor = _Visitor(self, http, number)
        while True:
            answer = visitor.ask(
                "/api/v1/checkout", json=body, headers={"Idempotency-Key": uuid4().hex}
            )
            if answer.status_code == HTTPStatus.CONFLICT:
                assert answer.json()["code"] == "insufficient_stock", answer.text
                return
            assert answer.status_code == HTTPStatus.CREATED, answer.text
            order_id = answer.json()["id"]
            self._note(self.ordered, order_id)
            self._pay(visitor, order_id)

    def _pay(self, visitor: "_Visitor", order_id: str) -> None:
        answer = visitor.ask(f"/api/v1/orders/{order_id}/payments")
        assert answer.status_code == HTTPStatus.OK, answer.text
        gateway = self.shop.gateway
        paid = gateway.pay(answer.json()["razorpay_order_id"])
        told = gateway.event("payment.captured", gateway.payment(paid["razorpay_payment_id"]))
        # As the gateway does: the same event again, until it is taken.
        answer = visitor.ask("/webhooks/razorpay", data=told.body, headers=told.headers())
        assert answer.status_code == HTTPStatus.OK, answer.text
        self._note(self.paid, order_id)

    def _note(self, notes: list[Any], what: Any) -> None:
        with self.changed:
            notes.append(what)
            self.changed.notify_all()


@dataclass
class _Visitor:
    """Goes to a host that answers, and comes again with the same request after a 503."""

    sale: Sale
    http: requests.Session
    at: int

    def ask(self, path: str, **options: Any) -> requests.Response:
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up_at:
            host = self.sale.hosts[self.at % len(self.sale.hosts)]
            try:
                answer = self.http.post(host + path, timeout=self.sale.call_seconds, **options)
            except requests.RequestException as error:
                self.sale.answers.append(type(error).__name__)
                self.at += 1
            else:
                self.sale.answers.append(answer.status_code)
                self.sale.answered[host] += 1
                if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE and not _is_at_it(answer):
                    return answer
            time.sleep(AGAIN_SECONDS)
        raise AssertionError(f"{path} was not answered in time")


def _is_at_it(answer: requests.Response) -> bool:
    """Whether somebody else works the same request; who died at it is waited for."""
    is_conflict = answer.status_code == HTTPStatus.CONFLICT
    return is_conflict and answer.json()["code"] != "insufficient_stock"
