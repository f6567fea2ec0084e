"""
Purchases from end to end: checked out, paid at the gateway, told by it, and confirmed.

A purchase is three requests to the two web processes, each after the answer to the last: the
checkout; the opening of the payment, for which the shop asks a gateway over HTTP (the sandbox, a
process of its own); and the delivery that says it was captured. One worker confirms meanwhile.
"""

import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

from bench import ceilings, processes
from bench.client import request
from bench.house import PLENTY, House, Web, house, wait
from bench.invariants import breaches
from bench.journeys import Answer, Ask, Journey, travel
from bench.measure import CONNECTIONS, Measure, Plan, Section
from bench.paid import Paid, deliveries
from bench.webhooks import processed, wait_for_jobs
from dev.ports import free_port, is_free

PARTS = ("web processes", "worker", "gateway's sandbox", "Postgres", "Redis")


def measure(plan: Plan) -> Section:
    """Measure purchases; a wait in milliseconds begins with the checkout and ends confirmed."""
    section = Section("purchases")
    bought = Measure("purchase, the gateway's order opened at the sandbox")
    costs: dict[str, list[float]] = {part: [] for part in PARTS}
    with house() as shop:
        skus = shop.stock("BENCH", 200, PLENTY)
        with (
            gateway(shop) as sandbox,
            shop.serving(RAZORPAY_API_URL=f"http://127.0.0.1:{sandbox.port}") as web,
            shop.serving("bench.empty:app") as empty,
            shop.working() as worker,
        ):
            shop.warm_up(web, skus)
            for _ in range(plan.rounds):
                shop.renew()
                posts, _ = ceilings.empty(empty, shop, plan.seconds)
                pids = dict(zip(PARTS, (web.pid, worker, sandbox.pid, shop.postgres), strict=False))
                before = _cpu(shop, pids)
                count = plan.of(600, 150)
                _buy(shop, web, bought, count, skus)
                for part, used in _cpu(shop, pids).items():
                    costs[part].append((used - before[part]) * 1000 / count)
                bought.beside(empty_POST=posts)
        section.take(bought)
        for part, milliseconds in costs.items():
            section.tell(f"CPU a purchase, {part}", milliseconds, "ms")
        if bought.errors:
            section.breaches.append(f"{bought.errors} purchases were not confirmed")
        section.breaches += breaches(shop, skus)
    return section


def _buy(shop: House, web: Web, bought: Measure, count: int, skus: Sequence[str]) -> None:
    begun: dict[str, float] = {}
    checkouts = shop.checkouts(count, skus)
    tokens = [shop.tokens[number % len(shop.tokens)] for number in range(count)]
    journeys = (
        purchase(web, checkout, token, begun)
        for checkout, token in zip(checkouts, tokens, strict=True)
    )
    first, _ = travel(journeys, travellers=CONNECTIONS)
    wait_for_jobs(shop)
    ended = processed(shop, list(begun))
    took = [(ended[event_id] - begun[event_id]) * 1000 for event_id in ended]
    rate = len(took) / (max(ended.values()) - first)
    bought.note_rate(rate, took, errors=count - len(took))


def purchase(web: Web, checkout: bytes, token: str, begun: dict[str, float]) -> Journey:
    """Buy once; notes when it began by the id of the event that ends it."""
    at = time.perf_counter()
    order = _told((yield Ask(web.port, checkout)), HTTPStatus.CREATED)
    headers = {"Authorization": token, "Content-Type": "application/json"}
    path = f"/api/v1/orders/{order['id']}/payments"
    opening = request("POST", path, headers=headers, body=b'{"gateway": "razorpay"}')
    opened = _told((yield Ask(web.port, opening)), HTTPStatus.OK)
    [captured] = deliveries([Paid(order["id"], opened["razorpay_order_id"], opened["amount"])])
    begun[captured.event_id] = at
    _told((yield Ask(web.port, captured.request)), HTTPStatus.OK)


def _told(answer: Answer, wanted: HTTPStatus) -> dict[str, Any]:
    assert answer.status == wanted, answer  # noqa: S101
    told: dict[str, Any] = json.loads(answer.body)
    return told


@contextlib.contextmanager
def gateway(shop: House) -> Iterator[Web]:
    """Serve the sandbox, its books in memory."""
    port = free_port()
    settings = {"SANDBOX_PORT": str(port), "SANDBOX_DATABASE": ":memory:"}
    with shop.running([sys.executable, "-m", "sandbox"], **settings) as process:
        wait(process, lambda: not is_free(port))
        yield Web(port, process.pid)


def _cpu(shop: House, pids: dict[str, int]) -> dict[str, float]:
    used = {part: processes.cpu_seconds(pid) for part, pid in pids.items()}
    return used | {"Redis": shop.cpu().redis}
