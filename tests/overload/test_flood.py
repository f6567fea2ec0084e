"""
A crowd beyond capacity, on the web process that the Procfile runs: it is told to come back.

Checkouts are held where Redis has their units and Postgres not yet their orders, for as long as the
test wants; nothing here is so because of how fast a machine is.
"""

import fcntl
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import func, select

from app.core.gate import LATEST_SECONDS, SOONEST_SECONDS, rules, threads
from app.orders.models import Order
from tests.builders import ADDRESS
from tests.payments.purchase import purchase
from tests.web import PATIENCE_SECONDS, until, web_process

AT_ONCE, WAITING = 2, 4
TAKEN = AT_ONCE + WAITING
# More than the server has threads, so that some wait in front of the gate.
CROWD = 100
# Longer than any test takes; nobody waits for it.
LONG = {"WEB_AT_ONCE": str(AT_ONCE), "WEB_LONGEST_WAIT_SECONDS": "30"}
SMALL = {"WEB_WAITING": str(WAITING)}
# The same shop, whose line takes everybody.
WIDE_OPEN = {"WEB_WAITING": str(CROWD)}
UNITS = 4


@dataclass
class Flooded:
    """A shop whose checkouts are held."""

    url: str
    lock: Path
    pool: ThreadPoolExecutor
    held: object = None

    def send(self, method, path, **options):
        return requests.request(method, self.url + path, timeout=PATIENCE_SECONDS, **options)

    def check_out(self, buyer):
        body = {
            "lines": [{"sku": "RING", "quantity": 1}],
            "shipping_address": ADDRESS,
            "pan": "ABCPE1234F",
        }
        headers = buyer.headers | {"Idempotency-Key": uuid4().hex}
        return self.send("POST", "/api/v1/checkout", json=body, headers=headers)

    def flood(self, buyers) -> list[Future]:
        """Everybody at once: most want to buy, some only look."""
        asked = []
        for number, buyer in enumerate(buyers):
            if number % 4:
                asked.append(self.pool.submit(self.check_out, buyer))
            else:
                asked.append(self.pool.submit(self.send, "GET", "/api/v1/products"))
        return asked

    def measured(self, name, lane="shop"):
        text = self.send("GET", "/metrics").text
        found = [
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and sample.labels == {"lane": lane}
        ]
        return found[0] if found else 0

    def hold(self):
        self.held = self.lock.open()
        fcntl.flock(self.held, fcntl.LOCK_EX)

    def let_go(self):
        self.held.close()


@contextmanager
def flooded(tmp_path, **env):
    lock = tmp_path / "held"
    lock.touch()
    numbers = {"ORA_HELD": str(lock), "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "numbers")}
    held = web_process("tests.overload.held:app", **numbers, **LONG, **env)
    with held as web, ThreadPoolExecutor(CROWD) as pool:
        found = Flooded(web.url, lock, pool)
        # The product is known to Redis, and its list is there to be looked at.
        assert found.send("GET", "/api/v1/products").status_code == 200
        found.hold()
        yield found
        found.let_go()


def done(asked):
    return [one.result() for one in asked if one.done()]


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


@pytest.fixture
def buyers(shop):
    shop.product("ring", UNITS)
    return [shop.customer() for _ in range(CROWD)]


def test_a_crowd_is_told_to_come_back_while_all_others_are_answered(
    shop, session, buyers, tmp_path
):
    shop.product("paid", 1)
    order = purchase(shop, paid=1)
    captured = order.event("payment.captured", order.pay())
    staff = shop.customer(role="staff")
    with flooded(tmp_path, **SMALL) as crowd:
        asked = crowd.flood(buyers)
        until(lambda: len(done(asked)) == CROWD - TAKEN, "not all but those taken were answered")

        answered = done(asked)
        assert statuses(answered).keys() <= {200, 503}
        refused = [answer for answer in answered if answer.status_code == 503]
        assert {answer.json()["code"] for answer in refused} == {"overloaded"}
        after = {int(answer.headers["Retry-After"]) for answer in refused}
        assert min(after) >= SOONEST_SECONDS
        assert max(after) <= LATEST_SECONDS
        assert crowd.measured("ora_requests_working") == AT_ONCE
        assert crowd.measured("ora_requests_waiting") == WAITING
        assert crowd.measured("ora_requests_shed_total") == len(refused) >= CROWD // 2

        delivered = crowd.send(
            "POST", "/webhooks/razorpay", data=captured.body, headers=captured.headers()
        )
        assert (delivered.status_code, delivered.json()) == (200, {"status": "stored"})
        assert crowd.send("GET", "/readyz").status_code == 200
        listed = crowd.send("GET", "/api/v1/admin/orders", headers=staff.headers)
        assert listed.status_code == 200

        crowd.let_go()
        everybody = [one.result(PATIENCE_SECONDS) for one in asked]
        assert statuses(everybody).keys() <= {200, 201, 409, 503}
        assert statuses(everybody)[503] == len(refused)
        # It comes back by itself.
        again = [crowd.check_out(buyer) for buyer in buyers[:UNITS]]
        assert statuses(again).keys() <= {201, 409}
        assert crowd.measured("ora_requests_working") == 0

    placed = statuses([*everybody, *again])[201]
    orders = session.scalar(select(func.count()).select_from(Order))
    assert orders == placed + 1 == UNITS + 1
    levels = shop.levels("ring")
    assert (levels.reserved, levels.available) == (placed, UNITS - placed)


def test_with_the_gate_wide_open_the_same_crowd_is_kept_waiting(buyers, tmp_path):
    with flooded(tmp_path, **WIDE_OPEN) as crowd:
        asked = crowd.flood(buyers)

        def all_are_in():
            inside = crowd.measured("ora_requests_waiting") + AT_ONCE
            return len(done(asked)) + inside == CROWD

        until(all_are_in, "somebody was not let in")
        assert crowd.measured("ora_requests_shed_total") == 0
        crowd.let_go()
        everybody = [one.result(PATIENCE_SECONDS) for one in asked]

    assert statuses(everybody) == {200: CROWD // 4, 201: UNITS, 409: CROWD * 3 // 4 - UNITS}


def test_who_leaves_in_the_middle_of_an_answer_gives_the_place_back():
    with web_process("tests.overload.endless:app", ready="/healthz") as web:
        endless = requests.get(f"{web.url}/api/v1/endless", stream=True, timeout=PATIENCE_SECONDS)
        assert endless.raw.read(1) == b"x"
        other = f"{web.url}/api/v1/products"
        assert requests.get(other, timeout=PATIENCE_SECONDS).status_code == 503

        endless.close()

        until(
            lambda: requests.get(other, timeout=PATIENCE_SECONDS).status_code == 200,
            "the place was not given back",
        )


def test_whoever_comes_has_a_thread_that_answers_and_not_all_of_a_crowd_has():
    small = threads(rules(AT_ONCE, WAITING, 1))

    assert small < CROWD
    assert threads(rules(AT_ONCE, WAITING + 4, 1)) == small + 4 + 2 + 1 + 1
