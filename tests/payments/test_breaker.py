"""A gateway that fails again and again is left alone: by all processes, or by each for itself."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from structlog.testing import capture_logs

from app.core import redis_client
from app.payments import breaker, keys
from app.payments.breaker import Memory, guarded
from app.payments.errors import GatewayRefused, GatewayUnavailable
from dev.ports import free_port

GATEWAY = "razorpay"
THREADS = 20
PATIENCE_SECONDS = 60


class SharedHome:
    """The breaker in Redis, whose time goes on by what is written there moving into the past."""

    is_shared = True

    def __init__(self, redis):
        self.redis = redis

    def later(self, seconds):
        key = keys.breaker(GATEWAY)
        left_ms, until_ms = self.redis.pttl(key), self.redis.hget(key, "until_ms")
        if until_ms:
            self.redis.hset(key, "until_ms", int(until_ms) - seconds * 1000)
        if left_ms > 0:
            self.redis.pexpire(key, max(0, left_ms - seconds * 1000))

    def about(self, seconds):
        """Redis' clock goes on while a test runs, however slow the machine is."""
        return pytest.approx(seconds, abs=4)


class OwnHome:
    """The breaker in this process' memory, with Redis out of reach."""

    is_shared = False

    def __init__(self, monkeypatch):
        self.now = 1000.0
        nowhere = redis_client.make_client(f"redis://127.0.0.1:{free_port()}/0")
        monkeypatch.setattr(redis_client, "_redis", nowhere)
        monkeypatch.setitem(breaker._memories, GATEWAY, Memory(lambda: self.now))

    def later(self, seconds):
        self.now += seconds

    def about(self, seconds):
        return seconds


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch):
    monkeypatch.setattr(breaker, "_memories", {})


@pytest.fixture(params=["shared", "own"])
def home(request, redis, monkeypatch):
    return SharedHome(redis) if request.param == "shared" else OwnHome(monkeypatch)


def succeed():
    with guarded(GATEWAY):
        pass


def fail(times=1):
    for _ in range(times):
        with pytest.raises(GatewayUnavailable, match="the gateway is down"), guarded(GATEWAY):
            raise unavailable()


def unavailable():
    """What a call raises, as opposed to what the breaker does."""
    problem = GatewayUnavailable()
    problem.args = ("the gateway is down",)
    return problem


def refused():
    """Try a call that has to be refused; tells when to ask again."""
    with pytest.raises(GatewayUnavailable) as refusal, guarded(GATEWAY):
        pytest.fail("the gateway was called")
    return refusal.value.retry_after


def fail_until_open():
    fail(5)
    assert breaker.state(GATEWAY) == "open"


def logged(events):
    return [event for event in events if event["event"].startswith("gateway.")]


@contextmanager
def under_way(ends=None):
    """A call that begins before the block and ends after it, well or with an exception."""
    call = guarded(GATEWAY)
    call.__enter__()
    yield
    error = ends and ends()
    assert not call.__exit__(ends, error, None)


def test_a_gateway_that_answers_is_called(home):
    for _ in range(10):
        succeed()

    assert breaker.state(GATEWAY) == "closed"


def test_the_fifth_failure_in_a_row_is_the_last_for_a_while(home):
    fail(4)
    assert breaker.state(GATEWAY) == "closed"

    fail()

    assert breaker.state(GATEWAY) == "open"
    assert refused() == home.about(10)


def test_who_is_refused_is_told_the_whole_seconds_that_are_left(home):
    fail_until_open()

    home.later(4)

    assert refused() == home.about(6)


def test_the_last_moment_counts_as_a_second(redis, monkeypatch):
    home = OwnHome(monkeypatch)
    fail_until_open()

    home.later(9.001)

    assert refused() == 1


def test_a_success_in_between_begins_the_count_again(home):
    fail(4)
    succeed()
    fail(4)
    assert breaker.state(GATEWAY) == "closed"

    fail()

    assert breaker.state(GATEWAY) == "open"


def test_a_gateway_that_refuses_is_alive(home):
    fail(4)
    with pytest.raises(GatewayRefused), guarded(GATEWAY):
        raise GatewayRefused
    fail(4)

    assert breaker.state(GATEWAY) == "closed"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError, SystemExit])
def test_what_is_not_the_gateways_fault_is_neither_failure_nor_success(home, error):
    fail(4)
    with pytest.raises(error), guarded(GATEWAY):
        raise error
    assert breaker.state(GATEWAY) == "closed"

    fail()

    assert breaker.state(GATEWAY) == "open"


def test_failures_less_than_a_minute_apart_count_together(home):
    fail(3)
    home.later(50)
    fail()
    home.later(50)
    fail()

    assert breaker.state(GATEWAY) == "open"


def test_failures_more_than_a_minute_apart_have_nothing_to_do_with_one_another(home):
    fail(4)
    home.later(60)
    fail(4)

    assert breaker.state(GATEWAY) == "closed"


def test_another_gateway_has_a_breaker_of_its_own(home):
    fail_until_open()

    with guarded("another"):
        assert breaker.state("another") == "closed"


def test_after_the_pause_one_call_is_let_through_as_a_trial(home):
    fail_until_open()
    home.later(10)
    assert breaker.state(GATEWAY) == "trial"

    with guarded(GATEWAY):
        assert breaker.state(GATEWAY) == "trial"
        assert refused() == home.about(30)
        assert refused() == home.about(30)


def test_a_trial_that_goes_well_closes_the_breaker(home):
    fail_until_open()
    home.later(10)

    succeed()

    assert breaker.state(GATEWAY) == "closed"
    fail(4)
    assert breaker.state(GATEWAY) == "closed"


def test_a_trial_that_is_refused_by_the_gateway_closes_the_breaker(home):
    fail_until_open()
    home.later(10)

    with pytest.raises(GatewayRefused), guarded(GATEWAY):
        raise GatewayRefused

    assert breaker.state(GATEWAY) == "closed"


def test_each_trial_that_fails_doubles_the_pause_up_to_two_minutes(home):
    with capture_logs() as events:
        fail_until_open()
        for pause in (10, 20, 40, 80, 120, 120):
            assert refused() == home.about(pause)
            assert breaker.state(GATEWAY) == "open"
            home.later(pause)
            fail()
        home.later(120)
        succeed()
        fail_until_open()

    pauses = [event["pause_ms"] for event in logged(events) if "pause_ms" in event]
    assert pauses == [10_000, 20_000, 40_000, 80_000, 120_000, 120_000, 120_000, 10_000]


def test_an_open_breaker_that_nobody_asks_is_forgotten(home):
    fail_until_open()

    home.later(60)
    assert breaker.state(GATEWAY) == "trial"
    home.later(10)
    assert breaker.state(GATEWAY) == "closed"


def test_a_trial_that_begins_late_is_not_forgotten(home):
    fail_until_open()
    home.later(60)

    with guarded(GATEWAY):
        home.later(15)
        assert refused() == home.about(15)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_a_trial_that_tells_nothing_is_given_back_at_once(home, error):
    fail_until_open()
    home.later(10)

    with pytest.raises(error), guarded(GATEWAY):
        raise error

    assert breaker.state(GATEWAY) == "trial"
    fail()
    assert refused() == home.about(20)


@pytest.mark.parametrize("ends", [None, GatewayUnavailable, ValueError])
def test_a_trial_that_never_ends_is_followed_by_another_which_alone_counts(home, ends):
    fail_until_open()
    home.later(10)

    with under_way(ends):
        home.later(25)
        assert refused() == home.about(5)
        home.later(5)
        second = guarded(GATEWAY)
        second.__enter__()

    assert breaker.state(GATEWAY) == "trial"
    assert refused() == home.about(30)
    second.__exit__(None, None, None)
    assert breaker.state(GATEWAY) == "closed"


@pytest.mark.parametrize("ends", [None, GatewayRefused, GatewayUnavailable, ValueError])
def test_a_call_that_began_before_the_breaker_opened_changes_nothing_when_it_ends(home, ends):
    with under_way(ends):
        fail_until_open()
        home.later(3)

    assert breaker.state(GATEWAY) == "open"
    assert refused() == home.about(7)
    home.later(7)
    fail()
    assert refused() == home.about(20)


@pytest.mark.parametrize("ends", [None, GatewayUnavailable, ValueError])
def test_a_call_that_began_before_the_breaker_opened_does_not_end_the_trial(home, ends):
    with under_way(ends):
        fail_until_open()
        home.later(10)
        trial = guarded(GATEWAY)
        trial.__enter__()

    assert breaker.state(GATEWAY) == "trial"
    assert refused() == home.about(30)
    trial.__exit__(None, None, None)
    assert breaker.state(GATEWAY) == "closed"


def test_a_call_that_began_before_the_breaker_opened_is_no_failure_of_the_closed_one(home):
    with under_way(GatewayUnavailable):
        fail_until_open()
        home.later(10)
        succeed()
        fail(4)

    assert breaker.state(GATEWAY) == "closed"


def test_a_call_that_began_before_the_breaker_opened_is_no_success_of_the_closed_one(home):
    with under_way():
        fail_until_open()
        home.later(10)
        succeed()
        fail(4)

    fail()
    assert breaker.state(GATEWAY) == "open"


def test_of_calls_that_fail_together_the_fifth_opens_and_the_rest_are_late(home):
    calls = [guarded(GATEWAY) for _ in range(THREADS)]
    for call in calls:
        call.__enter__()

    with capture_logs() as events:
        for call in calls:
            problem = GatewayUnavailable()
            assert not call.__exit__(type(problem), problem, None)

    assert [event["event"] for event in logged(events)] == ["gateway.breaker_opened"]
    assert refused() == home.about(10)


def test_opening_and_closing_are_logged(home):
    with capture_logs() as events:
        fail_until_open()
        home.later(10)
        succeed()
        succeed()

    common = {"gateway": GATEWAY, "is_shared": home.is_shared}
    opened = {"event": "gateway.breaker_opened", "log_level": "warning", "pause_ms": 10_000}
    closed = {"event": "gateway.breaker_closed", "log_level": "info"}
    assert logged(events) == [opened | common, closed | common]


def test_looking_changes_nothing(home):
    fail_until_open()
    assert [breaker.state(GATEWAY) for _ in range(3)] == ["open"] * 3
    home.later(10)
    assert [breaker.state(GATEWAY) for _ in range(3)] == ["trial"] * 3

    succeed()

    assert [breaker.state(GATEWAY) for _ in range(3)] == ["closed"] * 3


def test_calls_run_side_by_side(home):
    """The barrier lets nobody through before every call is under way."""
    inside = Barrier(THREADS, timeout=PATIENCE_SECONDS)

    def call(_):
        with guarded(GATEWAY):
            inside.wait()

    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(call, range(THREADS)))
