"""
How long a gateway waits at the door: python -m bench.webhook_door.

The whole shop runs on this machine, workers and sandbox included. Orders are paid while nothing is
told of them; then all events, each in several copies and shuffled, are delivered in an open loop:
at fixed moments, whether or not the answers before have come. A wait counts from the moment at
which the delivery was due. Ends when the last order is confirmed.
"""

import random
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests

from dev.buyer import Buyer
from dev.ports import free_port
from dev.stack import Stack, stack

ORDERS = 150
COPIES = 5
# Deliveries a second.
RATES = (25, 50, 100)
SENDERS = 32
SKU = "ORA-RG-FLASH20"
STOCK_UP = f"""
from app import create_app
from app.core.db import transaction
from app.inventory import ledger
from app.inventory.terms import Booking
create_app()
with transaction() as session:
    ledger.receive(session, {SKU!r}, 10**6, Booking("bench", "bench"))
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="ora-bench-") as folder:
        Path(folder).chmod(0o755)
        with _shop(Path(folder)) as shop:
            print(f"{'deliveries/s':>12} {'sent':>6} {'not 200':>8} {'p50 ms':>8} {'p99 ms':>8} "
                  f"{'most ms':>8} {'last confirmed s':>17}")  # fmt: skip
            for rate in RATES:
                print(_measure(shop, rate), flush=True)


def _shop(folder: Path) -> Any:
    return stack(
        folder,
        port=free_port(),
        sandbox_port=free_port(),
        durable=True,
        extra_env={"APP_ENV": "test", "SANDBOX_DATABASE": ":memory:"},
        output=folder / "processes.log",
        preparations={
            "Migrating": [sys.executable, "-m", "alembic", "upgrade", "head"],
            "Seeding": [sys.executable, "-m", "flask", "--app", "wsgi", "seed"],
            "Stocking": [sys.executable, "-c", STOCK_UP],
        },
    )


def _measure(shop: Stack, rate: int) -> str:
    orders, events = _paid_orders(shop)
    deliveries = [event for event in events for _ in range(COPIES)]
    random.shuffle(deliveries)
    begin = time.monotonic() + 0.5
    with ThreadPoolExecutor(SENDERS) as pool:
        sent = [
            pool.submit(_deliver, shop, event, begin + position / rate)
            for position, event in enumerate(deliveries)
        ]
        answers = [one.result() for one in sent]
    told = time.monotonic()
    while not all(buyer.status(order_id) == "confirmed" for buyer, order_id in orders):
        time.sleep(0.05)
    waits = sorted(wait for _, wait in answers)
    wrong = sum(status != HTTPStatus.OK for status, _ in answers)
    at = [waits[len(waits) * percent // 100] for percent in (50, 99)]
    return (
        f"{rate:>12} {len(answers):>6} {wrong:>8} {at[0]:>8.1f} {at[1]:>8.1f} {waits[-1]:>8.1f} "
        f"{time.monotonic() - told:>17.1f}"
    )


def _paid_orders(shop: Stack) -> tuple[list[tuple[Buyer, str]], list[dict[str, Any]]]:
    """Have orders paid of which nothing is told, and take the events that would have been."""
    known = {event["event_id"] for event in _books(shop)}
    with ThreadPoolExecutor(8) as pool:
        orders = list(pool.map(lambda _: _pay(shop), range(ORDERS)))
        ids = [e["event_id"] for e in _books(shop) if e["event_id"] not in known]
        url = f"{shop.sandbox_url}/sandbox/deliveries/"
        events = list(pool.map(lambda one: requests.get(url + one, timeout=10).json(), ids))
    return orders, events


def _pay(shop: Stack) -> tuple[Buyer, str]:
    buyer = Buyer(shop.base_url)
    buyer.register()
    order_id = buyer.check_out(SKU).json()["id"]
    buyer.pay(order_id, shop.sandbox_url, deliver="none")
    return buyer, order_id


def _books(shop: Stack) -> Sequence[dict[str, Any]]:
    books = requests.get(f"{shop.sandbox_url}/sandbox/books", timeout=30).json()
    deliveries: Sequence[dict[str, Any]] = books["deliveries"]
    return deliveries


def _deliver(shop: Stack, event: dict[str, Any], due: float) -> tuple[int, float]:
    time.sleep(max(0.0, due - time.monotonic()))
    headers = {
        "Content-Type": "application/json",
        "X-Razorpay-Event-Id": event["event_id"],
        "X-Razorpay-Signature": event["signature"],
    }
    url = f"{shop.base_url}/webhooks/razorpay"
    answer = requests.post(url, event["body"].encode(), headers=headers, timeout=30)
    return answer.status_code, (time.monotonic() - due) * 1000


if __name__ == "__main__":
    main()
