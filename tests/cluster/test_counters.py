"""A product that is split lies on all masters of a cluster, and is sold as one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from app.core import redis_client
from app.core.redis_client import slot
from app.inventory import counters, keys, reconciler
from app.inventory.terms import Levels
from dev.redis_cluster import MASTERS
from tests.cluster.sale import dies, give_back_what_no_order_stands_on, promised
from tests.payments.purchase import purchase
from tests.races.forks import processes
from tests.races.splitting import COUNT, FEW, PROCESSES, UNITS, enter, of_one_counter, sell_out

PATIENCE_SECONDS = 60
EACH = 4


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """So few units make a counter that tests need no more."""
    monkeypatch.setattr(counters, "FEW", FEW)


@pytest.fixture
def ring(shop, redis):
    shop.product("ring", UNITS, counters=COUNT)
    assert shop.levels("ring") == Levels(UNITS, 0, 0)


def suspicions(session):
    redis = redis_client.redis()
    return reconciler.suspicions(session, redis, ["RING"], longest_ms=900_000)


def test_its_counters_lie_on_every_master(redis, cluster, ring):
    slots = [slot(redis, keys.stock(name)) for name in counters.all_of("RING")]

    assert len(set(slots)) == COUNT
    assert len({cluster.master_of(number).port for number in slots}) == MASTERS


def test_it_is_bought_paid_for_and_cancelled(shop, session, redis, ring):
    bought = purchase(shop, ring=2)
    bought.tell("payment.captured", bought.pay())
    buyer = shop.customer()
    order = buyer.check_out(ring=3).json
    shop.work()
    assert shop.levels("ring") == Levels(UNITS - 2, 3, 0)

    assert buyer.post(f"/api/v1/orders/{order['id']}/cancel").status_code == 200

    assert shop.levels("ring") == Levels(UNITS - 2, 0, 0)
    assert suspicions(session) == {}


@pytest.mark.parametrize("without", [None, "gathering"])
def test_processes_sell_every_unit_once_and_strand_none(
    shop, session, redis, cluster, server_urls, ring, without
):
    """The negative control shows that they would strand some, were none gathered."""
    everybody = of_one_counter(PROCESSES * EACH)
    mine = [(number, everybody[number::PROCESSES]) for number in range(PROCESSES)]

    with processes(PROCESSES, enter, server_urls, cluster.url) as run:
        sold = sum(run(sell_out, *mine, without=without))

    assert (sold == UNITS) == (without is None)
    assert shop.levels("ring").available == UNITS - sold
    assert suspicions(session) == {}


def test_a_master_dies_in_the_middle_of_a_sale(shop, session, breakable):
    shop.product("ring", UNITS, counters=COUNT)
    shop.levels("ring")
    customers = [shop.customer() for _ in range(6)]
    is_over, begun = threading.Event(), threading.Barrier(len(customers) + 1)
    answers = []

    def buy(buyer):
        begun.wait(PATIENCE_SECONDS)
        while not is_over.is_set():
            response = buyer.check_out(uuid4().hex, ring=1)
            answers.append(response.status_code)
            if response.status_code == 409:
                return

    with ThreadPoolExecutor(len(customers)) as threads:
        running = [threads.submit(buy, buyer) for buyer in customers]
        begun.wait(PATIENCE_SECONDS)
        dies(breakable, counters.all_of("RING")[1])
        [future.result(PATIENCE_SECONDS) for future in running]
        is_over.set()

    assert set(answers) <= {201, 409, 503}
    sold = answers.count(201)
    assert promised(session, "RING") == (UNITS, sold)
    assert shop.levels("ring").available <= UNITS - sold
    for name in counters.all_of("RING"):
        give_back_what_no_order_stands_on(session, name)
    while shop.customer().check_out(ring=1).status_code == 201:
        sold += 1
    assert sold == UNITS
    assert promised(session, "RING") == (UNITS, UNITS)
    assert suspicions(session) == {}
