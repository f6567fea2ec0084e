"""The breaker's scripts: word for word, among threads and processes, and on a Redis in trouble."""

import os
import random
import signal
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Barrier, Event, Thread

import pytest

from app.core import redis_client
from app.core.problems import ServiceUnavailable
from app.payments import breaker, keys, scripts
from app.payments.breaker import Memory, guarded
from app.payments.errors import GatewayUnavailable
from tests.outages import server as outages
from tests.payments.test_breaker import (
    GATEWAY,
    PATIENCE_SECONDS,
    THREADS,
    SharedHome,
    fail,
    fail_until_open,
    refused,
    succeed,
    under_way,
)
from tests.races.forks import forks

KEY = keys.breaker(GATEWAY)
PROCESSES = 4
ENDS = ["failure", "success", "neither"]
PAUSES = {"first_pause_ms": 10_000, "longest_pause_ms": 120_000}
RULES = {"most_failures": 5, "window_ms": 60_000, **PAUSES}


@pytest.fixture(autouse=True)
def _forgetful(monkeypatch):
    monkeypatch.setattr(breaker, "_memories", {})


def enter(redis, token):
    return scripts.enter(redis, GATEWAY, token=token, trial_ms=30_000, window_ms=60_000)


def leave(redis, token, outcome, turn=""):
    return scripts.leave(redis, GATEWAY, token=token, turn=turn, outcome=outcome, **RULES)


def known(redis):
    """What is known, without the times."""
    fields = redis.hgetall(KEY)
    return {name: value for name, value in fields.items() if not name.endswith("_ms")}


def let_a_trial_in(redis):
    for number in range(5):
        leave(redis, f"failure {number}", "failure")
    SharedHome(redis).later(10)
    return enter(redis, "trial")


def test_what_is_known_has_one_key_and_an_end(redis):
    enter(redis, "first")
    assert redis.keys() == [KEY] == ["breaker:{razorpay}"]
    assert 50_000 < redis.pttl(KEY) <= 60_000

    leave(redis, "first", "failure")
    assert 50_000 < redis.pttl(KEY) <= 60_000
    let_a_trial_in(redis)
    assert 80_000 < redis.pttl(KEY) <= 90_000
    leave(redis, "trial", "success")
    assert 50_000 < redis.pttl(KEY) <= 60_000


def test_calls_do_not_keep_failures_from_being_forgotten(redis):
    leave(redis, "failure", "failure")
    redis.pexpire(KEY, 30_000)

    enter(redis, "next")
    leave(redis, "next", "neither")

    assert 0 < redis.pttl(KEY) <= 30_000


def test_a_trial_whose_reply_was_lost_is_let_in_again_by_its_token_alone(redis):
    turn = let_a_trial_in(redis)

    assert enter(redis, "trial") == turn == "failure 4"
    with pytest.raises(GatewayUnavailable):
        enter(redis, "another")


def test_a_failure_that_is_told_again_counts_once(redis):
    for number in range(4):
        assert leave(redis, f"failure {number}", "failure") is None
        assert leave(redis, f"failure {number}", "failure") is None

    assert known(redis) == {"failures": "4", "failed": "failure 3"}
    assert leave(redis, "fifth", "failure") == 10_000
    assert leave(redis, "fifth", "failure") == 10_000
    assert known(redis) == {"turn": "fifth"}


@pytest.mark.parametrize(("outcome", "told"), [("failure", 20_000), ("success", 0)])
def test_a_trial_that_tells_again_gets_the_same_answer(redis, outcome, told):
    turn = let_a_trial_in(redis)

    assert leave(redis, "trial", outcome, turn) == told
    assert known(redis) == {"turn": "trial"}
    assert redis.hexists(KEY, "pause_ms") == (told > 0)
    before = redis.hgetall(KEY)

    assert leave(redis, "trial", outcome, turn) == told
    assert redis.hgetall(KEY) == before


@pytest.mark.parametrize(
    ("outcome", "turn"),
    [("success", ""), ("neither", ""), *((outcome, "forgotten") for outcome in ENDS)],
)
def test_a_call_that_tells_nothing_new_leaves_no_key(redis, outcome, turn):
    assert leave(redis, "call", outcome, turn) is None

    assert redis.keys() == []


@pytest.mark.parametrize(("left_ms", "seconds"), [(1, 1), (1_000, 1), (1_001, 2), (30_000, 30)])
def test_milliseconds_are_told_as_whole_seconds(redis, monkeypatch, left_ms, seconds):
    monkeypatch.setattr(scripts, "_ENTER", lambda *_: ["open", left_ms])

    with pytest.raises(GatewayUnavailable) as refusal:
        enter(redis, "call")

    assert refusal.value.retry_after == seconds


def test_a_reply_that_nobody_knows_is_a_bug(redis, monkeypatch):
    monkeypatch.setattr(scripts, "_ENTER", lambda *_: ["ajar"])
    monkeypatch.setattr(scripts, "_LEAVE", lambda *_: ["ajar"])

    with pytest.raises(AssertionError, match="payments/enter answered"):
        enter(redis, "call")
    with pytest.raises(AssertionError, match="payments/leave answered"):
        leave(redis, "call", "success")


CALLS = {
    "enter": lambda redis: enter(redis, "call"),
    "leave": lambda redis: leave(redis, "trial", "failure", "failure 4"),
}


@pytest.mark.parametrize("verb", CALLS)
def test_a_key_of_the_wrong_kind_is_left_as_it_is(redis, verb):
    redis.rpush(KEY, "somebody", "was here")

    with pytest.raises(ServiceUnavailable):
        CALLS[verb](redis)

    assert redis.lrange(KEY, 0, -1) == ["somebody", "was here"]


@pytest.mark.parametrize(
    ("verb", "field"), [("enter", "until_ms"), ("leave", "pause_ms"), ("leave", "failures")]
)
def test_a_number_that_is_none_is_found_before_anything_is_written(redis, verb, field):
    let_a_trial_in(redis)
    redis.hset(KEY, field, "a handful")
    before = redis.hgetall(KEY)

    with pytest.raises(ServiceUnavailable):
        CALLS[verb](redis)

    assert redis.hgetall(KEY) == before


class Both:
    """The breaker in both of its homes, which have to say the same at every step."""

    def __init__(self, redis):
        self.redis, self.now, self.under_way, self.count = redis, 0, [], 0
        self.memory = Memory(lambda: self.now)

    def begin(self):
        self.count += 1
        token = str(self.count)
        turn = answer_of(enter, self.redis, token)
        assert answer_of(self.memory.enter, token) == turn
        if turn is not None:
            self.under_way.append((token, turn))

    def end(self, place, outcome):
        if self.under_way:
            token, turn = self.under_way.pop(place % len(self.under_way))
            told = leave(self.redis, token, outcome, turn)
            assert self.memory.leave(token, turn, outcome) == told

    def later(self, steps):
        # Eight seconds each: what the rules count in seconds is met exactly, or missed by two.
        SharedHome(self.redis).later(8 * steps)
        self.now += 8 * steps


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_memory_and_redis_say_the_same(redis, seed):
    both, dice = Both(redis), random.Random(seed)
    for _ in range(150):
        match dice.randrange(10):
            case 0:
                both.later(dice.choice([1, 2, 2, 2, 4, 8, 8]))
            case 1 | 2 | 3 | 4:
                both.begin()
            case _:
                both.end(dice.randrange(10), dice.choice(["failure"] * 4 + ENDS))
        assert both.memory.state() == breaker.state(GATEWAY)


def answer_of(enter, *arguments):
    try:
        return enter(*arguments)
    except GatewayUnavailable:
        return None


class Threads:
    """Threads, in the words that multiprocessing has for processes."""

    Barrier, Event, Process, Queue = Barrier, Event, Thread, SimpleQueue


def look_then_write(all_together):
    """What lua/payments/enter.lua does, as a program in two steps: the negative control."""

    def enter(redis, gateway, *, token, trial_ms, window_ms):
        now, until_ms = redis_client.clock_ms(redis, KEY), redis.hget(KEY, "until_ms")
        all_together.wait(PATIENCE_SECONDS)
        if now < int(until_ms):
            raise GatewayUnavailable
        redis.hset(KEY, mapping={"trial": token, "until_ms": now + trial_ms})
        return redis.hget(KEY, "turn")

    return enter


def try_together(url, is_guarded, start, answers, answered):
    """Tell whether a call is let through, and end it when all have told."""
    if url:
        redis_client.connect(url)
    if not is_guarded:
        scripts.enter = look_then_write(start)
    start.wait(PATIENCE_SECONDS)
    try:
        with guarded(GATEWAY):
            answers.put(True)
            assert answered.wait(PATIENCE_SECONDS)
    except GatewayUnavailable:
        answers.put(False)


@pytest.mark.parametrize("is_guarded", [True, False])
@pytest.mark.parametrize("number", [THREADS, PROCESSES], ids=["threads", "processes"])
def test_of_many_at_once_one_makes_the_trial(redis, server_urls, monkeypatch, number, is_guarded):
    monkeypatch.setattr(scripts, "enter", scripts.enter)
    make, url = (Threads, None) if number == THREADS else (forks(), server_urls["STOCK_REDIS_URL"])
    fail_until_open()
    SharedHome(redis).later(10)
    start, answers, answered = make.Barrier(number), make.Queue(), make.Event()
    arguments = (url, is_guarded, start, answers, answered)
    callers = [make.Process(target=try_together, args=arguments) for _ in range(number)]
    for caller in callers:
        caller.start()

    tried = [answers.get(timeout=PATIENCE_SECONDS) for _ in callers]

    answered.set()
    for caller in callers:
        caller.join(PATIENCE_SECONDS)
    assert sum(tried) == (1 if is_guarded else number)


def test_of_many_threads_without_redis_one_makes_the_trial():
    now = [0]
    memory = Memory(lambda: now[0])
    for number in range(5):
        memory.leave(str(number), "", "failure")
    now[0] += 10

    with ThreadPoolExecutor(THREADS) as threads:
        turns = list(threads.map(lambda n: answer_of(memory.enter, str(n)), range(THREADS)))

    assert sorted(turns, key=bool) == [None] * (THREADS - 1) + ["4"]


def die_in_a_call(url):
    redis_client.connect(url)
    with guarded(GATEWAY):
        os.kill(os.getpid(), signal.SIGKILL)


def fail_in_a_process(url, times):
    redis_client.connect(url)
    fail(times)


def in_a_process(function, *arguments):
    process = forks().Process(target=function, args=arguments)
    process.start()
    process.join(PATIENCE_SECONDS)
    return process.exitcode


def test_a_trial_whose_process_died_is_given_up_after_half_a_minute(redis, server_urls):
    fail_until_open()
    SharedHome(redis).later(10)

    died = in_a_process(die_in_a_call, server_urls["STOCK_REDIS_URL"])

    assert died == -signal.SIGKILL
    refused()
    SharedHome(redis).later(30)
    succeed()
    assert breaker.state(GATEWAY) == "closed"


def test_failures_of_all_processes_count_together(redis, server_urls):
    fail(2)

    assert in_a_process(fail_in_a_process, server_urls["STOCK_REDIS_URL"], 2) == 0
    assert breaker.state(GATEWAY) == "closed"
    fail()

    refused()


@pytest.fixture
def server(redis, server_urls, tmp_path):
    """A Redis of this test alone, on which the shop is."""
    with outages.running(tmp_path) as own:
        redis_client.connect(own.url)
        try:
            yield own
        finally:
            redis_client.connect(server_urls["STOCK_REDIS_URL"])


# Those in which Redis answers at once, if at all.
@pytest.mark.parametrize(
    "trouble",
    [outages.down, outages.read_only, outages.masterless, outages.full, outages.unsaved],
    ids=lambda trouble: trouble.__name__,
)
def test_in_every_trouble_of_redis_a_dead_gateway_is_left_alone(server, trouble):
    succeed()

    with trouble(server):
        succeed()
        fail(5)
        refused()

    succeed()
    assert breaker.state(GATEWAY) == "closed"


@pytest.mark.parametrize("ends", [None, GatewayUnavailable, ValueError])
def test_a_redis_that_dies_while_a_call_is_under_way_does_not_disturb_it(server, ends):
    with under_way(ends):
        server.kill()

    fail(5)
    refused()


@pytest.mark.parametrize("ends", [None, GatewayUnavailable, ValueError])
def test_a_redis_that_comes_back_while_a_call_is_under_way_is_not_told_of_it(server, ends):
    server.kill()
    fail(4)

    with under_way(ends):
        server.start()

    with server.client() as client:
        assert client.keys() == []
    succeed()


def test_garbage_in_redis_is_as_no_redis(redis):
    redis.rpush(KEY, "somebody", "was here")

    fail_until_open()

    refused()
    assert redis.lrange(KEY, 0, -1) == ["somebody", "was here"]
