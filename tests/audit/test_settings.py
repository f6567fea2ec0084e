"""Settings that a process starts with are recorded where they differ from those before."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, text

from app.audit import settings as recorded
from app.audit.models import Record
from app.audit.settings import record_settings
from app.core import db
from tests.builders import values
from tests.checkout.steps import at_once
from tests.dev.conftest import ROOT

START = """
from app import connect
from app.audit.settings import record_settings
from app.config import load_settings
settings = load_settings()
connect(settings)
print("ready", flush=True)
input()
record_settings(settings, "web")
"""


def records(session):
    columns = Record.actor, Record.before, Record.after
    query = select(*columns).where(Record.subject == "settings").order_by(Record.id)
    return values(session.execute(query))


def test_the_first_start_records_all_and_the_next_one_nothing(settings, session):
    record_settings(settings, "web")
    record_settings(settings, "worker-mail")

    [(actor, before, after)] = records(session)
    assert (actor, before) == ("process:web", None)
    assert set(after) == {name for name, value in settings if value is not None}
    assert after["shipping_fee"] == settings.shipping_fee
    assert after["payment_gateways"] == list(settings.payment_gateways)


def test_what_is_changed_is_recorded_and_changed_back_too(settings, session):
    record_settings(settings, "web")
    dearer = settings.model_copy(update={"shipping_fee": 9_900, "refund_speed": "optimum"})
    for now in (dearer, dearer, settings):
        record_settings(now, "web")

    cheap = {"shipping_fee": 5_000, "refund_speed": "normal"}
    dear = {"shipping_fee": 9_900, "refund_speed": "optimum"}
    assert [row[1:] for row in records(session)][1:] == [(cheap, dear), (dear, cheap)]


def test_of_a_secret_is_told_that_it_changed_and_nothing_else(settings, session):
    record_settings(settings, "web")
    secret = type(settings.secret_key)("another-secret-of-stripe")
    record_settings(settings.model_copy(update={"stripe_secret_key": secret}), "web")

    (_, _, first), (_, before, after) = records(session)
    assert set(before) == set(after) == {"stripe_secret_key"}
    assert before != after
    told = str(records(session))
    for hidden in ("another-secret", settings.secret_key.get_secret_value(), settings.database_url):
        assert hidden not in told
    assert first["database_url"].startswith("masked ")
    assert first["mail_url"].startswith("masked ")


def test_processes_that_start_at_once_record_it_once(app, session):
    starting = [
        subprocess.Popen(
            [sys.executable, "-c", START], cwd=ROOT, env=os.environ, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    for process in starting:
        assert process.stdout.readline() == "ready\n"
    for process in starting:
        process.stdin.write("\n")
        process.stdin.flush()

    assert [process.communicate(timeout=30)[1] is None for process in starting] == [True, True]
    assert [process.returncode for process in starting] == [0, 0]
    assert [actor for actor, *_ in records(session)] == ["process:web"]


def test_who_starts_waits_for_who_is_at_it(settings, session):
    """Whoever came first has looked and not written yet."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")

    with ThreadPoolExecutor(1) as pool:
        with db.transaction() as first:
            first.execute(text("SELECT pg_advisory_xact_lock(hashtext('settings'))"))
            second = pool.submit(record_settings, settings, "web")
            while not session.scalar(waiting):
                assert not second.done()
        second.result()

    assert len(records(session)) == 1


@pytest.mark.parametrize("is_locked", [True, False])
def test_without_the_lock_it_would_be_recorded_twice(settings, session, monkeypatch, is_locked):
    if not is_locked:
        both_have_looked, look = Barrier(2), recorded._known

        def known(*arguments):
            found = look(*arguments)
            both_have_looked.wait(timeout=30)
            return found

        monkeypatch.setattr(recorded, "_LOCK", text("SELECT 1"))
        monkeypatch.setattr(recorded, "_known", known)

    at_once([lambda: record_settings(settings, "web")] * 2)

    assert len(records(session)) == (1 if is_locked else 2)


def test_a_process_starts_without_postgres_too(settings, session, monkeypatch):
    away = db.make_engine("postgresql+psycopg://shop@127.0.0.1:1/shop")
    monkeypatch.setattr(db, "_engine", away)

    record_settings(settings, "web")

    assert records(session) == []


@pytest.mark.parametrize(
    ("command", "recorded"),
    [(["-c", "import wsgi"], ["process:web"]), (["-m", "flask", "--app", "wsgi", "stock"], [])],
)
def test_the_web_process_records_its_settings_and_a_command_does_not(
    app, session, command, recorded
):
    subprocess.run([sys.executable, *command], cwd=ROOT, env=os.environ, check=True)

    assert [actor for actor, *_ in records(session)] == recorded
