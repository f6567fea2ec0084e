"""While the shop is busy the reconciler finds nothing at its second look."""

from concurrent.futures import ThreadPoolExecutor
from threading import Condition, Event

import pytest
from sqlalchemy import func, select

from app.inventory import reconciler
from app.inventory.models import StockDrift, StockMovement
from tests.payments.purchase import Purchase
from tests.races.length import is_long

PATIENCE_SECONDS = 60
LOOKS = 300 if is_long() else 12
BUYERS = 4
SKUS = ("RING", "CHAIN")


class Traffic:
    """Buyers at work, and how many steps each of them has finished."""

    def __init__(self, shop):
        self.shop = shop
        self.is_over = Event()
        self.moved = Condition()
        self.steps = [0] * BUYERS

    def buy(self, number, buyer):
        while not self.is_over.is_set():
            placed = buyer.check_out(ring=1, chain=2)
            if placed.status_code == 503:  # a repair came between its two steps
                continue
            order_id = placed.json["id"]
            bought = Purchase(self.shop, buyer, order_id, buyer.open_payment(order_id))
            if self.steps[number] % 2:
                bought.tell("payment.captured", bought.pay())
                self.shop.work("webhooks")
            else:
                buyer.post(f"/api/v1/orders/{bought.order_id}/cancel")
            with self.moved:
                self.steps[number] += 1
                self.moved.notify_all()

    def go_on(self):
        """Wait until everybody has finished what they were at, and one thing more."""
        before = list(self.steps)
        with self.moved:
            assert self.moved.wait_for(
                lambda: all(now > was + 1 for now, was in zip(self.steps, before, strict=True)),
                PATIENCE_SECONDS,
            )


@pytest.fixture
def traffic(shop):
    for sku in SKUS:
        shop.product(sku.lower(), 100_000)
        shop.levels(sku.lower())
    running = Traffic(shop)
    with ThreadPoolExecutor(BUYERS) as threads:
        buyers = [threads.submit(running.buy, n, shop.customer()) for n in range(BUYERS)]
        try:
            yield running
        finally:
            running.is_over.set()
        [buyer.result(PATIENCE_SECONDS) for buyer in buyers]


def test_no_drift_is_found_while_the_shop_is_busy(shop, session, redis, traffic):
    for _ in range(LOOKS):
        suspected = reconciler.suspicions(session, redis, SKUS, longest_ms=1_800_000)
        traffic.go_on()
        for sku, names in suspected.items():
            assert reconciler.repair(redis, sku, names, longest_ms=1_800_000) == []

    assert session.scalar(select(func.count()).select_from(StockDrift)) == 0
    sales = select(func.count()).where(StockMovement.kind == "sale")
    assert session.scalar(sales) >= BUYERS


def test_the_same_busy_shop_shows_a_drift_that_is_there(shop, session, redis, traffic):
    """The negative control: what nobody is about to finish is found in the same traffic."""
    redis.hincrby("stock:{RING}", "committed", 1)

    suspected = reconciler.suspicions(session, redis, SKUS, longest_ms=1_800_000)
    traffic.go_on()

    found = reconciler.repair(redis, "RING", suspected["RING"], longest_ms=1_800_000)
    assert "count committed" in found
