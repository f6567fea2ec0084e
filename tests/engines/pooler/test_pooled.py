"""Everything of the shop runs behind a pooler that gives each transaction another session."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import psycopg
import pytest
from sqlalchemy import text

from app.core import db
from app.production import of_servers
from dev.ports import free_port
from tests import owners
from tests.engines import books
from tests.engines.pooler.conftest import SESSIONS, pooled
from tests.engines.sale import PATIENCE_SECONDS, ROOT, Sale, web
from tests.payments.balance import assert_balanced
from tests.payments.purchase import make_due, purchase
from tests.workers.process import running

UNITS = 30
BUYERS = 8


class Watcher:
    """Asks the console, again and again, how many there are before and behind the pooler."""

    def __init__(self, pooler):
        self.pooler, self.is_over = pooler, threading.Event()
        self.clients, self.sessions = 0, 0
        self._thread = threading.Thread(target=self._look)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self._thread.join()

    def _look(self):
        while not self.is_over.wait(0.1):
            [pool] = self.pooler.show("POOLS")
            self.clients = max(self.clients, pool["cl_active"] + pool["cl_waiting"])
            of_server = (name for name in pool if name.startswith("sv_"))
            self.sessions = max(self.sessions, sum(int(pool[name]) for name in of_server))


def test_a_purchase_is_made_paid_and_given_back_behind_it(shop, session, pooler):
    shop.product("ring", 3)
    bought = purchase(shop, ring=2)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    assert bought.status == ("confirmed", "captured")

    assert bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel").status_code == 200
    shop.work()

    assert shop.on_hand("ring") == 3
    [pool] = pooler.show("POOLS")
    assert pool["pool_mode"] == "transaction"


def test_a_sale_with_real_processes_takes_no_more_sessions_than_it_may_have(shop, session, pooler):
    shop.product("ring", UNITS)
    port = free_port()
    with ExitStack() as processes:
        processes.enter_context(web(port, processes=2))
        workers = [
            processes.enter_context(running("workers.run", queue))
            for queue in ("webhooks", "payments")
        ]
        sale = Sale(shop, [f"http://127.0.0.1:{port}"], "RING")
        with Watcher(pooler) as seen:
            sale.run(BUYERS)
        assert [worker.poll() for worker in workers] == [None, None]
    # What the workers were at when they were ended waits for its next try.
    make_due(session)
    shop.work()

    books.check(shop, session, sale, UNITS)
    assert 0 < seen.sessions <= SESSIONS < seen.clients


def test_every_wait_is_bounded_by_the_role_where_the_session_may_not_ask(pooler, settings):
    with db.transaction() as session:
        bounds = session.execute(
            text(
                "SELECT current_setting('lock_timeout'), current_setting('statement_timeout'),"
                " current_setting('jit'), current_setting('TimeZone')"
            )
        ).one()

    assert tuple(bounds) == ("3s", "10s", "off", "UTC")
    assert [finding for finding in of_servers(settings) if "without end" in finding.what] == []


def test_production_refuses_a_role_whose_waits_nothing_bounds(pooler, settings):
    with owners.engine().connect() as owner:
        name = owner.scalar(text("SELECT current_user"))
    direct = owners.engine().url
    engine = db.make_engine(direct.render_as_string(hide_password=False), is_pooled=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "_engine", engine)
        found = [str(finding) for finding in of_servers(settings)]
    engine.dispose()

    assert f"DATABASE_URL role {name} may wait without end: run ops/postgres/roles.sql" in found


def test_a_process_that_was_not_told_of_the_pooler_does_not_begin_to_sell(pooler):
    """PgBouncer refuses what it cannot keep for a session: nothing goes wrong in silence."""
    engine = db.make_engine(pooler.url)
    with pytest.raises(Exception, match="unsupported startup parameter"):
        engine.connect()
    engine.dispose()


def test_a_migration_goes_past_the_pooler_or_not_at_all(pooler, monkeypatch):
    def migrate():
        return subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
        )  # fmt: skip

    assert migrate().returncode == 0
    monkeypatch.delenv("MIGRATION_DATABASE_URL")
    refused = migrate()

    assert refused.returncode == 1
    assert "a migration needs a session" in refused.stderr


def test_a_statement_whose_session_was_ended_may_be_done_or_not(shop, pooler):
    """The pooler tells of it, where Postgres hangs up; it is as unknown as without one."""

    def is_ended():
        with owners.engine().execution_options(isolation_level="AUTOCOMMIT").connect() as owner:
            return owner.scalar(
                text(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE query LIKE 'SELECT 1 FROM pg_sleep%' AND state = 'active'"
                )
            )

    with ThreadPoolExecutor(1) as thread:
        slow = thread.submit(db.statement, "SELECT 1 FROM pg_sleep(9)", {})
        while not is_ended():
            assert not slow.done()
        with pytest.raises(db.CommitUnknown):
            slow.result(PATIENCE_SECONDS)

    shop.product("ring", 1)
    assert shop.customer().check_out(ring=1).status_code == 201


# What the shop does without: each of these is right with a session of one's own.


def lock(connection):
    return connection.execute("SELECT pg_try_advisory_lock(42)").fetchone()[0]


def lock_for_a_transaction(connection):
    return connection.execute("SELECT pg_try_advisory_xact_lock(42)").fetchone()[0]


@pytest.fixture
def two(server_urls, pooler):
    """Two clients who think that each has a session, and one session for both."""
    with pooled(server_urls, 1) as narrow:
        url = narrow.url.replace("+psycopg", "")
        with ExitStack() as clients:
            yield [
                clients.enter_context(psycopg.connect(url, autocommit=True, prepare_threshold=None))
                for _ in range(2)
            ]


def test_a_lock_of_a_session_would_be_had_by_two_at_once(two):
    """The negative control: why the shop locks by rows and by transactions."""
    one, other = two

    assert (lock(one), lock(other)) == (True, True)


def test_a_lock_of_a_transaction_is_had_by_one(server_urls, pooler):
    urls = pooler.url.replace("+psycopg", "")
    with (
        psycopg.connect(urls, prepare_threshold=None) as one,
        psycopg.connect(urls, prepare_threshold=None) as other,
    ):
        assert (lock_for_a_transaction(one), lock_for_a_transaction(other)) == (True, False)


def test_a_setting_of_a_session_would_be_somebody_elses(two):
    one, other = two
    one.execute("SET statement_timeout = '1234ms'")

    assert other.execute("SHOW statement_timeout").fetchone()[0] == "1234ms"


def test_a_prepared_statement_would_be_unknown_or_known_twice(server_urls, pooler):
    """The negative control of `prepare_threshold`: a connection that prepares."""
    url = pooler.url.replace("+psycopg", "")
    with (
        psycopg.connect(url, autocommit=True, prepare_threshold=1) as one,
        psycopg.connect(url, autocommit=True, prepare_threshold=1) as other,
        pytest.raises(psycopg.errors.Error, match="prepared statement"),
    ):
        [client.execute("SELECT %s::int", [1]) for client in (one, other) * 3]


def test_the_shop_prepares_none(shop, session, pooler):
    shop.product("ring", 20)
    buyer = shop.customer()
    # More often than psycopg waits until it prepares.
    codes = [buyer.check_out(ring=1).status_code for _ in range(12)]

    assert codes == [201] * 12
    with db.transaction() as behind:
        assert behind.scalar(text("SELECT count(*) FROM pg_prepared_statements")) == 0
    assert_balanced(session)
