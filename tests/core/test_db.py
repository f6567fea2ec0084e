from datetime import UTC
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from structlog.testing import capture_logs

from app.catalog.models import Category
from app.core import db
from app.core.db import CommitUnknown, after_commit, array, transaction
from app.core.problems import ServiceUnavailable
from dev.ports import free_port

SLUGS = text("SELECT slug FROM categories ORDER BY slug")


@pytest.fixture
def slugs(session):
    """Read what was committed."""
    return lambda: session.scalars(SLUGS).all()


@pytest.fixture
def nobody_there(app, monkeypatch):
    """Let Postgres be out of reach."""
    engine = db.make_engine(f"postgresql+psycopg://shop@127.0.0.1:{free_port()}/shop")
    monkeypatch.setattr(db, "_engine", engine)
    monkeypatch.setattr(db, "_statements", engine)
    yield
    engine.dispose()


def add(session, slug):
    session.add(Category(slug=slug, name=slug.title()))
    session.flush()


def cut_off(session, by):
    """End the connection of a session, as a server does that is told to stop."""
    pid = session.scalar(text("SELECT pg_backend_pid()"))
    by.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_what_a_transaction_did_is_there_afterwards(slugs):
    with transaction() as session:
        add(session, "rings")
        assert slugs() == []

    assert slugs() == ["rings"]


def test_a_transaction_that_fails_leaves_nothing_behind(slugs):
    def fail():
        with transaction() as session:
            add(session, "rings")
            raise LookupError("of the shop's own")

    with pytest.raises(LookupError, match="of the shop's own"):
        fail()

    assert slugs() == []


def test_what_is_to_follow_a_commit_sees_what_was_committed(slugs):
    seen = []

    with transaction() as session:
        after_commit(session, lambda: seen.append(("first", slugs())))
        after_commit(session, lambda: seen.append(("second", slugs())))
        add(session, "rings")
        assert seen == []

    assert seen == [("first", ["rings"]), ("second", ["rings"])]


def test_nothing_follows_a_commit_that_never_came(slugs):
    seen = []

    def fail():
        with transaction() as session:
            after_commit(session, lambda: seen.append("run"))
            raise LookupError

    with pytest.raises(LookupError):
        fail()

    assert seen == []


def test_a_constraint_that_refuses_is_no_outage(slugs):
    with transaction() as session:
        add(session, "rings")

    with pytest.raises(IntegrityError, match="uq_categories_slug"), transaction() as session:
        add(session, "rings")

    assert slugs() == ["rings"]


def test_a_mistake_of_ours_is_no_outage(app):
    with pytest.raises(ProgrammingError), transaction() as session:
        session.execute(text("SELECT nonsense FROM nowhere"))


def test_a_row_that_stays_locked_makes_the_shop_unavailable_and_not_slow(slugs):
    with transaction() as session:
        add(session, "rings")

    def wait_for_the_lock():
        with transaction() as second:
            second.execute(text("SET LOCAL lock_timeout = '20ms'"))
            second.execute(text("SELECT * FROM categories FOR UPDATE"))

    with transaction() as first, capture_logs() as events:
        first.execute(text("SELECT * FROM categories FOR UPDATE"))
        with pytest.raises(ServiceUnavailable) as refused:
            wait_for_the_lock()

    assert type(refused.value) is ServiceUnavailable
    assert refused.value.retry_after == 2
    assert [(event["event"], str(event["error"]).split("\n")[0]) for event in events] == [
        ("postgres.unavailable", "canceling statement due to lock timeout")
    ]


def test_every_wait_for_postgres_is_bounded_and_every_time_in_utc(app):
    with transaction() as session:
        settings = {
            name: session.scalar(text(f"SHOW {name}"))
            for name in ("lock_timeout", "statement_timeout", "timezone", "application_name")
        }

    assert settings == {
        "lock_timeout": "3s", "statement_timeout": "10s", "timezone": "UTC",
        "application_name": "ora",
    }  # fmt: skip


def test_waits_are_bounded_for_a_role_too_that_has_no_bounds_of_its_own(session):
    bounds = [
        session.scalar(text(f"SHOW {name}")) for name in ("lock_timeout", "statement_timeout")
    ]

    assert bounds == ["3s", "10s"]


@pytest.mark.usefixtures("nobody_there")
def test_a_postgres_out_of_reach_makes_the_shop_unavailable():
    with pytest.raises(ServiceUnavailable) as refused, transaction() as session:
        session.execute(text("SELECT 1"))

    assert type(refused.value) is ServiceUnavailable


def test_a_connection_that_breaks_halfway_makes_the_shop_unavailable(session, slugs):
    def add_two():
        with transaction() as opened:
            add(opened, "rings")
            cut_off(opened, by=session)
            add(opened, "chains")

    with pytest.raises(ServiceUnavailable) as refused:
        add_two()

    assert type(refused.value) is ServiceUnavailable
    assert slugs() == []


def test_a_connection_that_breaks_while_committing_leaves_the_outcome_open(session, slugs):
    seen = []

    def add_one():
        with transaction() as opened:
            after_commit(opened, lambda: seen.append("run"))
            add(opened, "rings")
            cut_off(opened, by=session)

    with pytest.raises(CommitUnknown):
        add_one()

    assert seen == []
    with transaction() as opened:
        add(opened, "chains")
    assert slugs() == ["chains"]


def test_a_statement_is_a_transaction_of_its_own(app):
    run = "INSERT INTO categories (id, slug, name, position) VALUES (%(id)s, 'a', 'A', 1)"

    db.statement(f"{run} RETURNING 1", {"id": uuid4()})

    assert db.statement("SELECT slug FROM categories", {}) == [("a",)]
    with pytest.raises(psycopg.errors.UniqueViolation):
        db.statement(f"{run} RETURNING 1", {"id": uuid4()})
    assert db.statement("SELECT count(*) FROM categories", {}) == [(1,)]


def test_a_connection_that_the_server_ended_while_it_was_idle_is_replaced(app):
    [(pid,)] = db.statement("SELECT pg_backend_pid()", {})
    with db.transaction() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    assert db.statement("SELECT pg_backend_pid()", {}) != [(pid,)]


def test_a_connection_that_breaks_in_a_statement_leaves_it_unknown(app):
    with pytest.raises(db.CommitUnknown):
        db.statement("SELECT pg_terminate_backend(pg_backend_pid())", {})

    assert db.statement("SELECT 1", {}) == [(1,)]


def test_a_statement_that_is_cancelled_is_not_done(app):
    with pytest.raises(ServiceUnavailable) as given_up:
        db.statement("SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)", {})
    assert not isinstance(given_up.value, db.CommitUnknown)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))),
    numbers=st.lists(st.integers(-(2**63), 2**63 - 1)),
    moments=st.lists(st.datetimes(timezones=st.just(UTC))),
)
def test_postgres_reads_an_array_as_it_was_meant(app, texts, numbers, moments):
    query = "SELECT %(texts)s::text[], %(numbers)s::bigint[], %(moments)s::timestamptz[]"
    parts = {"texts": array(texts), "numbers": array(numbers), "moments": array(moments)}

    [row] = db.statement(query, parts)

    assert row == (texts, numbers, moments)
