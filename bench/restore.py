"""
How long it takes to get the books back: a shop of some age is backed up, sells on, and dies.

Measured are the base backup, the check of all of it, the way back to a second in the midst of the
sales, Redis and gateway included, and how much a kill -9 of Postgres loses of what was committed.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from bench.client import spread
from bench.history import live_through
from bench.house import House, house, wait
from bench.measure import CONNECTIONS, Plan, Section
from bench.memory import MEBIBYTE
from dev.ports import free_port, is_free
from dev.postgres import PostgresServer
from dev.unprivileged import server_owner

PRODUCTS = 10_000
SOLD = 100
WRITES = 500
AIM_SECONDS, AIM_LOST_SECONDS = 600, 1
_TOOK = re.compile(r"Restored in ([\d.]+) s, reconciled in ([\d.]+) s")


@dataclass
class Backups:
    """The store of a house, and its commands."""

    shop: House
    programs: Path
    env: dict[str, str] = field(default_factory=dict)
    restored: list[Path] = field(default_factory=list)

    @property
    def store(self) -> Path:
        """Where the backups are."""
        return self.shop.folder / "store"

    def command(self, module: str, *args: str) -> list[str]:
        """Write one command."""
        where = ["--store", str(self.store), "--bin", str(self.programs)]
        return [sys.executable, "-m", module, *args, *where]

    def run(self, module: str, *args: str) -> tuple[float, str]:
        """Run one; returns how long it took, and what it told."""
        began = time.monotonic()
        ended = subprocess.run(
            self.command(module, *args), env=self.shop.env | self.shop.admin | self.env,
            check=False, capture_output=True, text=True,
        )  # fmt: skip
        if ended.returncode != 0:
            raise RuntimeError(ended.stdout + ended.stderr)
        return time.monotonic() - began, ended.stdout

    @contextmanager
    def restore(self, to: str, name: str) -> Iterator[tuple[float, float, psycopg.Connection]]:
        """Restore by the one command; yields how long both halves took, and a look into it."""
        port, into = free_port(), make_folder(self.shop.folder / name)
        told = ("--to", to, "--into", str(into), "--port", str(port), "--empty-redis")
        try:
            _, said = self.run("ops.restore", *told)
            took = _TOOK.search(said)
            assert took is not None, said  # noqa: S101
            url = make_url(self.shop.admin["DATABASE_URL"]).set(port=port, drivername="postgresql")
            with psycopg.connect(url.render_as_string(hide_password=False)) as look:
                yield float(took[1]), float(took[2]), look
        finally:
            self._stop(into)
            shutil.rmtree(into)

    def _stop(self, into: Path) -> None:
        owner = server_owner()
        subprocess.run(
            [self.programs / "pg_ctl", "stop", "-D", into, "-m", "immediate", "-s"],
            user=owner.uid if owner else None, cwd="/", check=False,
        )  # fmt: skip


def measure(plan: Plan) -> Section:
    """Measure one way back of each kind."""
    section = Section("restore")
    orders, sold = plan.of(100_000, 5_000), plan.of(4_000, 400)
    with house() as shop, _backed_up(shop) as backups, _gateway(shop) as gateway:
        backups.env = gateway
        live_through(shop, orders=orders, products=plan.of(PRODUCTS, 200))
        skus = shop.stock("NEW", SOLD, 10**6)
        took, _ = backups.run("ops.backup", "base")
        section.tell(f"base backup of {orders:,} orders", took, "s", f"{_size(backups.store)} MiB")
        moment = _sell_on(shop, skus, sold)
        took, _ = backups.run("ops.backup", "verify")
        section.tell("every byte verified", took, "s", f"{_size(backups.store / 'wal')} MiB of WAL")
        with backups.restore(moment.isoformat(), "chosen") as (restored, reconciled, look):
            _tell_restore(section, restored, reconciled, look, orders + sold // 2)
        _measure_loss(section, shop, backups)
    return section


def _sell_on(shop: House, skus: Sequence[str], count: int) -> datetime:
    """Take orders after the backup; returns a moment when half of them were there."""
    with shop.serving() as web:
        moments = []
        for _ in range(2):
            requests = shop.checkouts(count // 2, skus)
            sent = spread(web.port, requests, connections=CONNECTIONS, seconds=600)
            assert {one.status for one in sent} == {HTTPStatus.CREATED}  # noqa: S101
            [(now,)] = shop.sql.execute("SELECT clock_timestamp()")
            moments.append(now)
    return moments[0]


def _tell_restore(
    section: Section, restored: float, reconciled: float, look: psycopg.Connection, wanted: int
) -> None:
    [(orders,)] = look.execute("SELECT count(*) FROM orders")
    section.tell("to a second: the books", restored, "s", f"{orders:,} orders")
    section.tell("to a second: Redis, sums, gateway", reconciled, "s")
    section.tell("to a second, in all", restored + reconciled, "s", f"aim: {AIM_SECONDS}")
    if orders != wanted:
        section.breaches.append(f"{orders} orders were restored, {wanted} there were")


def _measure_loss(section: Section, shop: House, backups: Backups) -> None:
    """Kill Postgres while it commits, and see what the archive has of what it had confirmed."""
    shop.sql.execute("CREATE TABLE written (n int, at timestamptz DEFAULT clock_timestamp())")
    acknowledged: list[datetime] = []
    enough = threading.Event()
    writer = threading.Thread(target=_write, args=(shop, acknowledged, enough))
    writer.start()
    enough.wait()
    os.kill(shop.postgres, signal.SIGKILL)
    writer.join()
    with backups.restore("latest", "latest") as (_, _, look):
        [(there, last)] = look.execute("SELECT count(*), max(at) FROM written")
    lost = max(0.0, (acknowledged[-1] - last).total_seconds())
    note = f"{max(0, len(acknowledged) - there)} of {len(acknowledged)}; aim: {AIM_LOST_SECONDS} s"
    section.tell("commits lost to kill -9 of Postgres", lost, "s", note)
    if lost > AIM_LOST_SECONDS:
        section.breaches.append(f"{lost} s were lost")


def _write(shop: House, acknowledged: list[datetime], enough: threading.Event) -> None:
    """Commit row by row until the server is gone."""
    url = shop.admin["DATABASE_URL"].replace("+psycopg", "")
    with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
        while True:
            query = "INSERT INTO written VALUES (%s) RETURNING at"
            [(at,)] = connection.execute(query, [len(acknowledged)])
            acknowledged.append(at)
            if len(acknowledged) == WRITES:
                enough.set()


@contextmanager
def _backed_up(shop: House) -> Iterator[Backups]:
    backups = Backups(shop, PostgresServer(shop.folder, durable=True, port=1).programs)
    make_folder(backups.store)
    with shop.running(backups.command("ops.backup", "archive"), **shop.admin) as process:
        wait(process, lambda: any((backups.store / "wal").glob("*.partial")))
        yield backups


@contextmanager
def _gateway(shop: House) -> Iterator[dict[str, str]]:
    port = free_port()
    with shop.running([sys.executable, "-m", "sandbox"], SANDBOX_PORT=str(port)) as process:
        wait(process, lambda: not is_free(port))
        yield {"RAZORPAY_API_URL": f"http://127.0.0.1:{port}"}


def make_folder(folder: Path) -> Path:
    """Make a folder that Postgres' user can write to."""
    folder.mkdir()
    owner = server_owner()
    if owner is not None:
        os.chown(folder, owner.uid, owner.gid)
    return folder


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // MEBIBYTE
