"""A migration gives a lock up soon, tries again, and not for ever."""

import pytest
from psycopg import errors
from sqlalchemy.exc import OperationalError

from migrations import locks


def no_lock():
    raise OperationalError("ALTER TABLE orders", None, errors.LockNotAvailable())


@pytest.fixture
def waited(monkeypatch):
    monkeypatch.setattr(locks, "TRIES", 5)
    monkeypatch.setattr(locks, "LONGEST_PAUSE_SECONDS", 4)
    return []


def test_it_is_tried_again_until_the_lock_is_had(waited, capsys):
    tries = iter([no_lock, no_lock, lambda: None])

    def migrate():
        next(tries)()

    locks.patiently(migrate, wait=waited.append)

    assert waited == [1, 2]
    assert capsys.readouterr().err.splitlines() == [
        "A lock was not to be had within 250ms: try 1 of 5, the next one in 1 s.",
        "A lock was not to be had within 250ms: try 2 of 5, the next one in 2 s.",
    ]


def test_it_is_given_up_in_the_end(waited):
    with pytest.raises(OperationalError):
        locks.patiently(no_lock, wait=waited.append)

    assert waited == [1, 2, 4, 4]


@pytest.mark.parametrize("error", [errors.QueryCanceled(), errors.AdminShutdown()])
def test_what_else_goes_wrong_is_told_at_once(waited, error):
    def broken():
        raise OperationalError("ALTER TABLE orders", None, error)

    with pytest.raises(OperationalError):
        locks.patiently(broken, wait=waited.append)

    assert waited == []


def test_it_waits_less_than_a_buyer_does(settings):
    from app.core import db

    waits_ms = int(locks.LOCK_TIMEOUT.removesuffix("ms"))

    assert waits_ms < settings.web_longest_wait_seconds * 1_000
    assert waits_ms < db.LOCK_TIMEOUT_MS
