"""The gate: what comes beyond what can be done is told so at once, and nothing else is touched."""

import json
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Semaphore

import pytest

from app.core import measures
from app.core.gate import LATEST_SECONDS, SOONEST_SECONDS, Gate, Lane, Rules, lane_of

# Longer than a test takes; nobody waits for it.
LONG = 30.0
SHOP, FEW = Rules(2, 2, LONG), Rules(1, 1, LONG)
RULES = dict.fromkeys(measures.LANES, FEW) | {"shop": SHOP}


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
        yield Crowd(Gate(work, RULES), pool)
        work.may_end.set()


def full(crowd, work, path="/api/v1/checkout", rules=SHOP):
    """Fill a lane and its line; gives those who are in it."""
    inside = [crowd.ask(path) for _ in range(rules.at_once)]
    for _ in inside:
        assert work.begun.acquire(timeout=LONG)
    line = [crowd.ask(path) for _ in range(rules.waiting)]
    lane = crowd.gate.lanes[lane_of(path)]
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
     ("/api/v1/orders/0199c1de/payments", "gateway"), ("/healthz/cron", "watch"),
     ("/readyz", "watch"), ("/metrics", "watch"), ("/admin/orders/", "staff"),
     ("/api/v1/admin/orders", "staff")],
)  # fmt: skip
def test_a_crowd_of_buyers_keeps_nobody_else_out(crowd, work, path, lane):
    full(crowd, work)

    one = crowd.ask(path)
    assert work.begun.acquire(timeout=LONG)

    assert lane_of(path) == lane
    assert path in work.paths
    work.may_end.set()
    assert answers([one]) == ["200"]


def test_staff_keep_no_buyer_out(crowd, work):
    full(crowd, work, "/admin/reports/", FEW)

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
    gate = Gate(work, RULES | {"shop": Rules(1, 0, LONG)})
    shop = gate.lanes["shop"]

    answer = gate({"PATH_INFO": "/"}, lambda *_: None)
    assert not shop.enter()
    assert list(answer) == [b"done"]
    answer.close()
    answer.close()

    assert shop.enter()
    assert not shop.enter()


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


class _BreaksOnClosing(list):
    def close(self):
        raise RuntimeError


def test_an_answer_that_cannot_be_closed_or_is_none_makes_room():
    gate = Gate(lambda *_: _BreaksOnClosing([b"done"]), RULES | {"shop": Rules(1, 0, LONG)})
    with pytest.raises(RuntimeError):
        gate({"PATH_INFO": "/"}, lambda *_: None).close()
    assert gate.lanes["shop"].enter()

    gate = Gate(lambda *_: None, RULES | {"shop": Rules(1, 0, LONG)})
    with pytest.raises(TypeError):
        gate({"PATH_INFO": "/"}, lambda *_: None)
    assert gate.lanes["shop"].enter()


class _ComesTooLate:
    """A turn that comes in the moment in which its request gives up."""

    def __init__(self, lane):
        self.lane, self.is_mine = lane, Event()

    def wait(self, _seconds):
        self.lane.leave()
        return False

    def is_set(self):
        return self.is_mine.is_set()

    def set(self):
        self.is_mine.set()


def test_a_turn_that_comes_with_the_end_of_patience_is_taken_and_not_lost(monkeypatch):
    lane = Lane("shop", Rules(1, 1, LONG))
    assert lane.enter()
    monkeypatch.setattr("app.core.gate.threading.Event", lambda: _ComesTooLate(lane))

    assert lane.enter()
    assert not lane._line
    lane.leave()
    assert lane._working == 0


def test_who_gives_up_is_passed_over():
    lane = Lane("shop", Rules(1, 2, 0.01))
    assert lane.enter()
    assert not lane.enter()
    assert not lane._line
    lane.leave()
    assert lane._working == 0


def test_a_request_id_is_told_and_nothing_else_that_a_caller_writes_there(crowd, work):
    full(crowd, work)

    named = crowd.ask(request_id="the-request").result(LONG)
    assert named["X-Request-Id"] == "the-request"
    unnamed = crowd.ask(request_id="<script>").result(LONG)
    assert unnamed["X-Request-Id"] == json.loads(unnamed["body"])["request_id"] != "<script>"


def test_what_is_in_which_lane(app):
    found = {name: set() for name in measures.LANES}
    for rule in app.url_map.iter_rules():
        found[lane_of(rule.rule)].add(rule.rule)

    assert found["gateway"] == {"/api/v1/orders/<uuid:order_id>/payments"}
    assert found["money"] == {
        "/webhooks/razorpay", "/webhooks/stripe", "/api/v1/payments/verify",
    }  # fmt: skip
    assert found["watch"] == {"/healthz", "/healthz/cron", "/readyz", "/metrics"}
    assert {rule.split("/admin")[0] for rule in found["staff"]} == {"", "/api/v1"}
    assert not [rule for rule in found["shop"] if "admin" in rule or "webhook" in rule]


@pytest.mark.parametrize(
    "path",
    ["//api/v1/products", "/webhooks/../api/v1/products", "/webhooks//../api/v1/products",
     "/WEBHOOKS/razorpay", "/API/v1/products", "/admin/../api/v1/products", "/readyz/",
     "/api/v1/orders/../products/payments", "/healthz/../api/v1/products", "/metrics;/products"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_no_other_spelling_of_an_address_leads_into_another_lane(client, path, method):
    # Staff who are not known are led to their door, whatever they ask for.
    assert client.open(path, method=method).status_code in {302, 308, 404, 405}
