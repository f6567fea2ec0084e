"""The house: real servers for one process, furnished once and emptied for each history."""

import os
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from alembic import command
from alembic.config import Config
from flask import Flask
from redis import Redis
from sqlalchemy import event
from sqlalchemy.engine import Engine

import sandbox
from app import connect, disconnect
from app.catalog.pricelist import forget
from app.config import Settings, load_settings
from app.core import db, redis_client
from app.core.db import Base, make_engine
from app.core.redis_client import make_client
from app.payments.gateway import gateway
from dev.servers import servers
from sandbox.config import Settings as SandboxSettings
from sandbox.gateway import Gateway
from sim import moment
from sim.moment import Moment
from sim.wires import InProcess, Wires
from workers import drain

ROOT = Path(__file__).resolve().parents[1]
GATEWAY_URL = "http://gateway.invalid"
# More than there are actors, each of whom may be interrupted within a transaction.
CONNECTIONS = 40
PATIENCE_SECONDS = 600
# Rows that were deleted cost a look each until they are swept.
VACUUM_EVERY = 250
PRICE = 100_000
KEPT = frozenset({"alembic_version", "categories", "users"})


@dataclass(frozen=True, slots=True)
class Product:
    """What is on the shelf at the beginning."""

    sku: str
    units: int
    limit: int = 0
    counters: int = 1


@dataclass
class House:
    """The servers of this process, the gateway within it, and the time."""

    settings: Settings
    sql: psycopg.Connection[Any]
    redis: Redis
    bank: Gateway
    moment: Moment
    wires: Wires
    histories: int = 0

    def begin_anew(self, seed: str, products: Sequence[Product]) -> None:
        """Empty everything, and put these products on sale."""
        self.histories += 1
        self.redis.flushall()
        self._empty()
        self.moment.begin_anew()
        self.wires.begin_anew(seed)
        random.seed(seed)
        with self.bank.store.transaction() as books:
            books.connection.execute("DELETE FROM entities")
        self.bank.faults.clear()
        self.bank.webhooks.disable()
        with self.sql.transaction():
            for number, product in enumerate(products, 1):
                told = {"id": UUID(int=number), "sku": product.sku, "units": product.units,
                    "price": PRICE, "limit": product.limit,
                    "counters": product.counters}  # fmt: skip
                self.sql.execute(_PRODUCT, told)
                if product.units:
                    self.sql.execute(_MOVEMENT, told)
        drain.stopping.clear()
        forget()

    def break_off(self) -> None:
        """Hang up on everybody, with whatever they had begun, after a history that broke."""
        self.sql.execute(_HANG_UP, [[self.sql.info.backend_pid, self.wires.monitor_pid]])

    def begin_connections(self) -> None:
        """Have new connections for those that were hung up on."""
        _widen(self.settings.database_url)

    def _empty(self) -> None:
        names = [t.name for t in reversed(Base.metadata.sorted_tables) if t.name not in KEPT]
        with self.sql.transaction():
            # No trigger is asked: in the shop most of these rows can never go.
            self.sql.execute("SET LOCAL session_replication_role = replica")
            self.sql.execute(";".join(f"DELETE FROM {name}" for name in names))  # noqa: S608
        if self.histories % VACUUM_EVERY == 0:
            self.sql.execute("VACUUM")


def customer(number: int) -> UUID:
    """Name a customer who is there in every history."""
    return UUID(int=(1 << 64) | number)


@contextmanager
def house(*, customers: int) -> Iterator[House]:
    """Start the servers and wire this process to them, for good."""
    with tempfile.TemporaryDirectory(prefix="ora-sim-") as name, ExitStack() as open_:
        folder = Path(name)
        folder.chmod(0o755)
        started = open_.enter_context(servers(folder, durable=False, environ={}))
        # As who may do everything: time is held still in the servers themselves.
        urls = {**started, **started.admin}
        os.environ.update(
            urls, APP_ENV="test", CACHE_SECONDS="0", AVAILABILITY_CACHE_SECONDS="0",
            RATE_LIMITS="off", MAIL_URL=f"file://{folder}/mail", RAZORPAY_API_URL=GATEWAY_URL,
            PAYMENT_GATEWAYS="razorpay,cash_on_delivery",
        )  # fmt: skip
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
        plain = urls["DATABASE_URL"].replace("+psycopg", "")
        sql = open_.enter_context(psycopg.connect(plain, autocommit=True))
        moment.prepare(sql)
        # It takes locks when it likes to.
        sql.execute("ALTER SYSTEM SET autovacuum = off")
        sql.execute("SELECT pg_reload_conf()")
        sql.execute("ALTER ROLE CURRENT_USER SET synchronous_commit = off")
        sql.execute(_CATEGORY)
        for number in range(customers):
            sql.execute(_USER, {"id": customer(number)})
        _be_patient()
        settings = load_settings()
        redis = make_client(urls["STOCK_REDIS_URL"])
        assert isinstance(redis, Redis)  # noqa: S101
        open_.callback(redis.close)
        told = Moment(sql, redis)
        moment.rule(told)
        for script in moment.shop_scripts():
            # Whether Redis knows a script already must not change what a history does.
            redis.script_load(script.source)
        monitor = open_.enter_context(psycopg.connect(plain, autocommit=True))
        connect(settings)
        open_.callback(disconnect)
        _widen(urls["DATABASE_URL"])
        wires = Wires(settings, monitor)
        bank = sandbox.create_app(SandboxSettings(webhook_url="http://127.0.0.1:9/nowhere"))
        open_.callback(bank.extensions["sandbox"].close)
        _mount(bank, wires)
        yield House(settings, sql, redis, bank.extensions["sandbox"], told, wires)


def _be_patient() -> None:
    """Let no real time-out decide, on however busy a machine."""
    db.LOCK_TIMEOUT_MS = db.STATEMENT_TIMEOUT_MS = 0
    redis_client._OPTIONS.update(
        socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
    )
    event.listen(Engine, "do_connect", _wait_for_connection)


def _wait_for_connection(*arguments: Any) -> None:
    arguments[-1]["connect_timeout"] = PATIENCE_SECONDS


def _widen(url: str) -> None:
    """Have a connection for everybody: nobody waits for one in a process that cannot wait."""
    db.disconnect()
    db._engine = make_engine(url, pool_size=CONNECTIONS)
    db._statements = make_engine(
        url, pool_size=CONNECTIONS, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
    )


def _mount(bank: Flask, wires: Wires) -> None:
    adapter = InProcess(bank, wires)
    gateway("razorpay")._session.mount(GATEWAY_URL, adapter)  # type: ignore[attr-defined]


_HANG_UP = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> ALL(%s)
"""
_CATEGORY = """
    INSERT INTO categories (id, slug, name, position)
    VALUES (gen_random_uuid(), 'rings', 'Rings', 1)
"""
_USER = """
    INSERT INTO users (id, email, password_hash, name, role, phone)
    VALUES (%(id)s, %(id)s || '@example.com', 'x', 'Meera Iyer', 'customer', '+919876543210')
"""
_PRODUCT = """
    INSERT INTO products (id, sku, slug, name, description, category_id, metal, purity,
        gross_weight_mg, net_weight_mg, hsn_code, price, tax_basis_points, is_active,
        stock_quantity, stock_version, low_stock_threshold, purchase_limit, counters)
    SELECT %(id)s, %(sku)s, lower(%(sku)s), 'Piece ' || %(sku)s, 'A piece.', categories.id, 'gold',
        '22K (916)', 5000, 4800, '7113', %(price)s, 300, true, %(units)s, 1, 1, %(limit)s,
        %(counters)s
    FROM categories
"""
_MOVEMENT = """
    INSERT INTO stock_movements (product_id, kind, units, balance, reference, actor)
    VALUES (%(id)s, 'receipt', %(units)s, %(units)s, 'first:' || %(sku)s, 'sim')
"""
