"""Load balancers are told whether the process lives and what it lacks."""

import re
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import text

from app.core import clock, db, draining, jobs, redis_client
from app.core.clock import Every
from app.core.db import transaction
from dev.ports import free_port

ALL_WELL = {"postgres": "ok", "migrations": "ok", "stock_redis": "ok", "queue_redis": "ok"}


@pytest.fixture
def nowhere():
    """An address that nobody listens at."""
    return f"127.0.0.1:{free_port()}"


def test_a_living_process_says_so(client):
    response = client.get("/healthz")

    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_a_shop_with_all_its_parts_is_ready(client):
    response = client.get("/readyz")

    assert (response.status_code, response.json) == (200, {"status": "ok", "checks": ALL_WELL})


def _stock_redis(monkeypatch, nowhere):
    monkeypatch.setattr(redis_client, "_redis", redis_client.make_client(f"redis://{nowhere}/0"))
    return {"stock_redis": "unreachable"}


def _queue_redis(monkeypatch, nowhere):
    monkeypatch.setattr(jobs, "_connection", redis_client.make_client(f"redis://{nowhere}/0"))
    return {"queue_redis": "unreachable"}


def _postgres(monkeypatch, nowhere):
    monkeypatch.setattr(db, "_engine", db.make_engine(f"postgresql+psycopg://ora@{nowhere}/ora"))
    return {"postgres": "unreachable", "migrations": "unreachable"}


@pytest.mark.parametrize("cut_off", [_stock_redis, _queue_redis, _postgres])
def test_a_part_out_of_reach_is_named_and_the_process_lives_on(
    client, monkeypatch, nowhere, cut_off
):
    lacking = cut_off(monkeypatch, nowhere)

    ready, alive = client.get("/readyz"), client.get("/healthz")

    assert (ready.status_code, ready.json) == (
        503,
        {"status": "unavailable", "checks": ALL_WELL | lacking},
    )
    assert (alive.status_code, alive.json) == (200, {"status": "ok"})


@pytest.fixture
def at_revision(client, session):
    """What /readyz answers where the database is at another revision."""
    current = session.scalar(text("SELECT version_num FROM alembic_version"))
    move = text("UPDATE alembic_version SET version_num = :v")

    def ask(revision):
        session.execute(move, {"v": revision})
        return client.get("/readyz")

    yield ask
    session.execute(move, {"v": current})


def test_a_database_whose_migrations_are_behind_is_not_ready(at_revision):
    response = at_revision("0026")

    assert (response.status_code, response.json) == (
        503,
        {"status": "unavailable", "checks": ALL_WELL | {"migrations": "behind"}},
    )


def test_a_database_without_migrations_is_not_ready(client, session):
    current = session.scalar(text("DELETE FROM alembic_version RETURNING version_num"))
    try:
        response = client.get("/readyz")
    finally:
        session.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": current})

    assert (response.status_code, response.json["checks"]["migrations"]) == (503, "behind")


def test_the_code_before_a_migration_serves_on_after_it(at_revision):
    response = at_revision("9999")

    assert (response.status_code, response.json) == (200, {"status": "ok", "checks": ALL_WELL})


def test_a_process_that_will_end_is_not_ready_and_lives(client, monkeypatch):
    monkeypatch.setattr(draining, "_told", told := Event())
    told.set()

    ready, alive = client.get("/readyz"), client.get("/healthz")

    assert (ready.status_code, ready.json) == (503, {"status": "draining", "checks": ALL_WELL})
    assert (alive.status_code, alive.json) == (200, {"status": "ok"})


def test_readiness_tells_no_address_and_no_error(client, monkeypatch, nowhere):
    _postgres(monkeypatch, nowhere)

    response = client.get("/readyz")

    assert nowhere not in response.text
    assert "connection" not in response.text


NEEDED = Every(10, "expiry.expire_orders", "stock")
SPARE = Every(10, "cleanup.forget_jobs", "mail", is_needed=False)


def run_clock(rule, *, now, error=None):
    with transaction() as session:
        due = clock.begin(session, rule, now=now)
    with transaction() as session:
        clock.end(session, rule, due, now=now + timedelta(milliseconds=40), error=error)


def test_a_clock_that_never_ran_is_late(client):
    response = client.get("/healthz/cron")

    assert (response.status_code, response.json) == (503, {"status": "late", "jobs": []})


def test_a_clock_on_time_tells_of_each_job_when_it_ran_and_when_it_is_due(client):
    now = datetime.now(UTC).replace(microsecond=0)
    run_clock(NEEDED, now=now)

    response = client.get("/healthz/cron")

    assert response.status_code == 200
    assert response.json == {
        "status": "ok",
        "jobs": [
            {
                "name": "expiry.expire_orders",
                "rule": "every 10 seconds",
                "is_needed": True,
                "last_run_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "took_ms": 40,
                "outcome": "done",
                "next_due_at": (now + timedelta(seconds=10))
                .isoformat(timespec="milliseconds")
                .replace("+00:00", "Z"),
                "is_late": False,
            }
        ],
    }


@pytest.mark.parametrize(("rule", "status"), [(NEEDED, 503), (SPARE, 200)])
def test_a_late_job_is_told_and_is_trouble_where_the_shop_needs_it(client, rule, status):
    run_clock(rule, now=datetime.now(UTC) - timedelta(hours=1))

    response = client.get("/healthz/cron")

    assert response.status_code == status
    assert response.json["status"] == ("late" if status == 503 else "ok")
    assert [job["is_late"] for job in response.json["jobs"]] == [True]
    late = re.search(r"ora_clock_late_seconds\{job=\"(.+)\"\} (\S+)", client.get("/metrics").text)
    assert late is not None
    assert late[1] == rule.name
    assert float(late[2]) > 3_500


def test_a_job_that_has_not_run_yet_and_one_that_is_running_say_so(client):
    now = datetime.now(UTC)
    with transaction() as session:
        clock.register(session, [NEEDED, SPARE], now=now)
        clock.begin(session, NEEDED, now=now)

    jobs_told = {job["name"]: job for job in client.get("/healthz/cron").json["jobs"]}

    running, new = jobs_told["expiry.expire_orders"], jobs_told["cleanup.forget_jobs"]
    assert (running["outcome"], running["took_ms"]) == ("running", None)
    assert (new["outcome"], new["took_ms"], new["last_run_at"]) == (None, None, None)


def test_what_went_wrong_in_a_job_is_told_to_nobody_outside(client):
    run_clock(NEEDED, now=datetime.now(UTC), error="OperationalError('secret-host:5432')")

    response = client.get("/healthz/cron")

    assert response.json["jobs"][0]["outcome"] == "failed"
    assert "secret-host" not in response.text
    assert "workers." not in response.text


def test_a_clock_that_cannot_be_looked_at_is_out_of_reach(client, monkeypatch, nowhere):
    _postgres(monkeypatch, nowhere)

    response = client.get("/healthz/cron")

    assert (response.status_code, response.json["code"]) == (503, "service_unavailable")
    assert nowhere not in response.text
