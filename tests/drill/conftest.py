"""The shop's own Postgres with its log received into a store, and a way to run the commands."""

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from app import connect
from dev.ports import free_port
from dev.postgres import PostgresServer
from dev.redis_server import RedisServer
from dev.unprivileged import server_owner
from ops import backup
from ops.store import Store

ROOT = Path(__file__).parents[2]
# What a shell and PostgreSQL would each read something into.
NAME = "the shop's 100 %p"


@dataclass
class Archive:
    """A cluster, the store that its log goes to, and room for what is restored."""

    url: str
    place: Path
    programs: Path
    restored: list[Path] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return Store(self.place / NAME)

    def folder(self, name: str) -> Path:
        """Make a folder that Postgres' user can write to."""
        made = self.place / name
        made.mkdir()
        owner = server_owner()
        if owner is not None:
            os.chown(made, owner.uid, owner.gid)
        return made

    def run(self, command: str, *args: str, store: Path | None = None) -> int:
        """Run one command of ops.backup."""
        where = "--store", str(store or self.store.folder), "--bin", str(self.programs)
        more = ("--database", self.url) if command in {"archive", "base"} else ()
        return backup.main([command, *where, *more, *args])

    def restore(
        self, to: str, into: Path, *args: str, store: Path | None = None, **env: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run the one command, as an operator does."""
        where = "--store", str(store or self.store.folder), "--bin", str(self.programs)
        self.restored.append(into)
        return subprocess.run(
            [sys.executable, "-m", "ops.restore", "--to", to, "--into", into, *where, *args],
            cwd=ROOT, env=os.environ | env, check=False, capture_output=True, text=True,
        )  # fmt: skip

    def connection(self):
        """Connect as somebody with psql does."""
        plain = make_url(self.url).set(drivername="postgresql")
        return psycopg.connect(plain.render_as_string(hide_password=False))

    def sql(self, query: str):
        """Run a statement by itself; returns what it tells first."""
        with self.connection() as connection:
            connection.autocommit = True
            cursor = connection.execute(query)
            return cursor.fetchone()[0] if cursor.description else None

    def now(self) -> datetime:
        """Tell the time by the clock that commits are dated by."""
        return self.sql("SELECT clock_timestamp()")

    def next_segment(self) -> None:
        """Let the log go on in a new segment."""
        self.sql("CREATE SCHEMA IF NOT EXISTS drill")
        self.sql("CREATE TABLE IF NOT EXISTS drill.moments (at timestamptz)")
        self.sql("INSERT INTO drill.moments VALUES (now())")
        self.sql("SELECT pg_switch_wal()")

    def copy(self, name: str) -> Store:
        """Copy the store, to break the copy."""
        copied = self.folder(name)
        subprocess.run(["cp", "-Rp", f"{self.store.folder}/.", copied], check=True)
        return Store(copied)

    def forget(self) -> None:
        """Stop what was restored, and remove it."""
        owner = server_owner()
        for into in self.restored:
            if (into / "postmaster.pid").exists():
                subprocess.run(
                    [self.programs / "pg_ctl", "stop", "-D", into, "-m", "immediate", "-s"],
                    user=owner.uid if owner else None, cwd="/", check=True,
                )  # fmt: skip
            shutil.rmtree(into, ignore_errors=True)
        self.restored.clear()


@pytest.fixture(scope="session")
def _archive(server_urls):
    # As a role that may replicate.
    url = server_urls.admin["DATABASE_URL"]
    with tempfile.TemporaryDirectory(prefix="ora-drill-") as name:
        place = Path(name)
        place.chmod(0o755)
        found = Archive(url, place, PostgresServer(place, durable=False, port=1).programs)
        found.folder(NAME)
        command = [sys.executable, "-m", "ops.backup", "archive", "--store", found.store.folder]
        with (place / "archive.log").open("wb") as log:
            receiving = subprocess.Popen(
                [*command, "--bin", found.programs, "--database", url],
                cwd=ROOT, stdout=log, stderr=log,
            )  # fmt: skip
            try:
                yield found
            finally:
                receiving.terminate()
                receiving.wait()
        found.sql(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots"
            f" WHERE slot_name = '{backup.SLOT}'"
        )


@pytest.fixture
def archive(_archive):
    yield _archive
    _archive.forget()


@pytest.fixture
def moves(settings):
    """The process may be pointed elsewhere, and goes back to its own servers afterwards."""
    yield
    connect(settings)


@pytest.fixture
def empty_redis(moves):
    """Two servers that know nothing."""
    with tempfile.TemporaryDirectory(prefix="ora-drill-redis-") as name:
        servers = [RedisServer(Path(name) / one, durable=False) for one in ("stock", "queue")]
        for one in servers:
            one.start()
        yield {"STOCK_REDIS_URL": servers[0].url, "QUEUE_REDIS_URL": servers[1].url}
        for one in servers:
            one.remove()


@pytest.fixture
def port():
    return free_port()
