"""Load balancers are told whether the process lives and what it lacks."""

import pytest
from sqlalchemy import text

from app.core import db, jobs, redis_client
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


def test_a_database_whose_migrations_are_behind_is_not_ready(client, session):
    current = session.scalar(text("SELECT version_num FROM alembic_version"))
    session.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    try:
        response = client.get("/readyz")
    finally:
        session.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": current})

    assert (response.status_code, response.json) == (
        503,
        {"status": "unavailable", "checks": ALL_WELL | {"migrations": "behind"}},
    )


def test_readiness_tells_no_address_and_no_error(client, monkeypatch, nowhere):
    _postgres(monkeypatch, nowhere)

    response = client.get("/readyz")

    assert nowhere not in response.text
    assert "connection" not in response.text
