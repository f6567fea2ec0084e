"""A web process that will end closes its connections with its answers, and not before."""

import os
import signal
import threading
from threading import Event

import pytest

from app.core import draining


@pytest.fixture(autouse=True)
def told(monkeypatch):
    before = signal.getsignal(draining.SIGNAL)
    monkeypatch.setattr(draining, "_told", Event())
    yield
    signal.signal(draining.SIGNAL, before)


def headers_of_an_answer():
    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "0")])
        return []

    found = []
    draining.Closing(app)({}, lambda status, headers: found.append((status, headers)))
    return found


def test_connections_are_kept_until_the_process_is_told():
    draining.listen()

    assert headers_of_an_answer() == [("200 OK", [("Content-Length", "0")])]

    os.kill(os.getpid(), draining.SIGNAL)

    assert draining.is_near_its_end()
    assert headers_of_an_answer() == [
        ("200 OK", [("Content-Length", "0"), ("Connection", "close")])
    ]


def test_a_process_that_begins_late_knows_at_once(monkeypatch):
    monkeypatch.setenv(draining.VARIABLE, "1")

    draining.listen()

    assert draining.is_near_its_end()


def test_what_it_was_told_before_it_listened_is_heard():
    signal.pthread_sigmask(signal.SIG_BLOCK, {draining.SIGNAL})
    signal.pthread_kill(threading.get_ident(), draining.SIGNAL)
    assert not draining.is_near_its_end()

    draining.listen()

    assert draining.is_near_its_end()
