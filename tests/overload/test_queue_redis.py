"""RQ's Redis hangs: it keeps one request at a time, and not the whole lane."""

import time

import pytest
from redis.exceptions import TimeoutError as RedisTimeout

from app.core import jobs


class Hanging:
    """A connection on which nothing is answered, but for as long as the test says."""

    def __init__(self):
        self.asked, self.is_hanging = 0, True

    def set(self, *_args, **_options):
        self.asked += 1
        if self.is_hanging:
            raise RedisTimeout


@pytest.fixture
def hanging(monkeypatch):
    found = Hanging()
    monkeypatch.setattr(jobs, "_connection", found)
    monkeypatch.setattr(jobs, "_quiet_until", 0.0)
    return found


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_a_server_that_hangs_is_asked_once_in_a_while(hanging, clock):
    for _ in range(10):
        jobs.wake("mail")
    assert hanging.asked == 1

    clock[0] += jobs.QUIET_SECONDS
    for _ in range(10):
        jobs.wake("mail")
    assert hanging.asked == 2


def test_while_one_asks_whether_it_is_back_no_other_waits_for_the_answer(hanging, clock):
    jobs.wake("mail")
    clock[0] += jobs.QUIET_SECONDS

    def ask_meanwhile(*_args, **_options):
        hanging.asked += 1
        if hanging.asked == 2:
            jobs.wake("webhooks")
        raise RedisTimeout

    hanging.set = ask_meanwhile
    jobs.wake("mail")
    assert hanging.asked == 2


def test_a_server_that_is_back_is_asked_by_everybody(hanging, clock):
    jobs.wake("mail")
    hanging.is_hanging = False
    clock[0] += jobs.QUIET_SECONDS

    for _ in range(3):
        jobs.wake("mail")
    assert hanging.asked == 4
