"""The gate: what comes beyond what can be done is told so at once, and nothing else is touched."""

import json
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Semaphore

import pytest

from app.core.gate import LATEST_SECONDS, SOONEST_SECONDS, Gate, Lane, Rules

# Longer than a test takes; nobody waits for it.
LONG = 30.0
SHOP, MONEY, STAFF = Rules(2, 2, LONG), Rules(1, 1, LONG), Rules(1, 1, LONG)


class Work:
    """An app whose requests end when the test says so."""

    def __init__(self):
        self.begun, self.may_end = Semaphore(0), Event()
        self.paths = []

    def __call__(self, environ, start_response):
        self.paths.append(environ["PATH_INFO"])
        self.begun.release()
        if environ["PATH_INFO"].endswith("breaks"):
            raise RuntimeError
        assert self.may_end.wait(LONG)
        start_response("200 OK", [])
        return [b"done"]


class Crowd:
    """People who ask a gate, each in a thread."""

    def __init__(self, gate, pool):
        self.gate, self.pool = gate, pool

    def ask(self, path="/api/v1/checkout", request_id=""):
        return self.pool.submit(self._ask, path, request_id)

    def _ask(self, path, request_id):
        told = {}
        environ = {"PATH_INFO": path, "HTTP_X_REQUEST_ID": request_id}

        def tell(status, headers):
            told.update(status=status, **dict(headers))

        answer = self.gate(environ, tell)
        told["body"] = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        return told


@pytest.fixture
def work():
    work = Work()
    yield work
    work.may_end.set()


@pytest.fixture
def crowd(work):
    with ThreadPoolExecutor(20) as pool:
        yield Crowd(Gate(work, shop=SHOP, money=MONEY, staff=STAFF), pool)
        work.may_end.set()


def full(crowd, work, path="/api/v1/checkout", rules=SHOP):
    """Fill a lane and its line; gives those who are in it."""
    inside = [crowd.ask(path) for _ in range(rules.at_once)]
    for _ in inside:
        assert work.begun.acquire(timeout=LONG)
    line = [crowd.ask(path) for _ in range(rules.waiting)]
    lane = crowd.gate._lane(path)
    while len(lane._line) < rules.waiting:
        Event().wait(0.001)
    return inside + line


def answers(asked: list[Future]):
    return [one.result(LONG)["status"].partition(" ")[0] for one in asked]


def test_who_comes_when_the_line_is_full_is_told_to_come_back_and_nothing_is_begun(crowd, work):
    taken = full(crowd, work)

    refused = crowd.ask(request_id="the-request").result(LONG)

    assert refused["status"] == "503 Service Unavailable"
    assert SOONEST_SECONDS <= int(refused["Retry-After"]) <= LATEST_SECONDS
    assert refused["Content-Type"] == "application/problem+json"
    body = json.loads(refused["body"])
    assert (body["code"], body["status"], body["request_id"]) == ("overloaded", 503, "the-request")
    assert len(work.paths) == SHOP.at_once
    work.may_end.set()
    assert answers(taken) == ["200"] * 4
    assert answers([crowd.ask()]) == ["200"]


@pytest.mark.parametrize(
    ("path", "lane"),
    [("/webhooks/razorpay", "money"), ("/api/v1/payments/verify", "money"),
     ("/healthz/ready", "money"), ("/metrics", "money"), ("/admin/orders/", "staff"),
     ("/api/v1/admin/orders", "staff")],
)  # fmt: skip
def test_a_crowd_of_buyers_keeps_nobody_else_out(crowd, work, path, lane):
    full(crowd, work)

    one = crowd.ask(path)
    assert work.begun.acquire(timeout=LONG)

    assert crowd.gate._lane(path).name == lane
    assert path in work.paths
    work.may_end.set()
    assert answers([one]) == ["200"]


def test_staff_keep_no_buyer_out(crowd, work):
    full(crowd, work, "/admin/reports/", STAFF)

    buyer = crowd.ask("/api/v1/checkout")
    assert work.begun.acquire(timeout=LONG)
    work.may_end.set()
    assert answers([buyer]) == ["200"]


def test_who_waited_too_long_is_told_to_come_back(work):
    lane = Lane("shop", Rules(1, 5, 0.01))

    assert lane.enter()
    assert not lane.enter()
    lane.leave()
    assert lane.enter()


def test_what_breaks_makes_room(crowd, work):
    for _ in range(2 * SHOP.at_once):
        with pytest.raises(RuntimeError):
            crowd.ask("/breaks").result(LONG)

    work.may_end.set()
    assert answers([crowd.ask()]) == ["200"]


def test_a_file_keeps_its_place_until_its_last_byte(work):
    work.may_end.set()
    gate = Gate(work, shop=Rules(1, 0, LONG), money=MONEY, staff=STAFF)

    answer = gate({"PATH_INFO": "/"}, lambda *_: None)
    assert not gate._lane("/").enter()
    assert list(answer) == [b"done"]
    answer.close()
    answer.close()

    assert gate._lane("/").enter()
    assert not gate._lane("/").enter()


def test_the_line_is_worked_in_the_order_of_coming(work):
    order, lane = [], Lane("shop", Rules(1, 10, LONG))
    assert lane.enter()

    def come(number):
        assert lane.enter()
        order.append(number)
        lane.leave()

    with ThreadPoolExecutor(10) as pool:
        for number in range(10):
            pool.submit(come, number)
            while len(lane._line) <= number:
                Event().wait(0.001)
        lane.leave()
    assert order == list(range(10))
