"""The whole shop on real servers, every process behind links of its own, all of it breakable."""

import contextlib
import http.client
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from app.core.db import make_engine
from app.core.redis_client import make_client
from bench import house as bench_house
from chaos import armed
from chaos.disks import Disk, disk
from chaos.logs import Logs
from chaos.programs import ROOT, Program
from chaos.proxy import Links
from dev.errors import DevError
from dev.ports import HOST, free_port
from dev.postgres import PostgresServer
from dev.processes import read_procfile
from dev.redis_server import RedisServer

# Short, so that a run sees reservations run out, and payers who come after that.
RESERVATION_SECONDS, EXTENSION_SECONDS = 20, 30
HASTY_SECONDS = 8
# A day of the gateway's retries in a quarter of an hour.
GATEWAY_CLOCK = "0.1"
WEB, WORKERS = "web", "workers"
SERVERS = {
    "postgres": "DATABASE_URL",
    "stock-redis": "STOCK_REDIS_URL",
    "queue-redis": "QUEUE_REDIS_URL",
}
# The same processes, but that they may be told to die at a point.
_ARMED = {"wsgi:app": "chaos.armed_web:app", "workers.run": "chaos.armed"}
_SMALL = {
    "WEB_CONCURRENCY": "1",
    "RESERVATION_TTL_SECONDS": str(HASTY_SECONDS),
    "RESERVATION_EXTENSION_SECONDS": str(HASTY_SECONDS),
}
TICK_SECONDS = 0.05
_PATIENCE_SECONDS = 90
# All processes begin at once, on a machine that may be busy with others.
_START_SECONDS = 300
# An hour of mails has to fit.
_STOCK_BYTES, _MAIL_BYTES, _POSTGRES_BYTES = 64 << 20, 1 << 30, 4 << 30


@dataclass
class Shop:
    """Servers, programs and links; ``tick`` starts again what has died."""

    folder: Path
    links: Links
    servers: dict[str, PostgresServer | RedisServer]
    disks: dict[str, Disk]
    programs: dict[str, Program] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    ports: dict[str, int] = field(default_factory=dict)
    # What was started again, and how often.
    recoveries: dict[str, int] = field(default_factory=dict)
    _logs: Logs | None = None

    @property
    def points(self) -> Path:
        """Where points are armed at which a process is to die."""
        return self.folder / "points"

    @property
    def mails(self) -> Path:
        """Where the shop lays its mails."""
        return self.folder / "mail"

    @property
    def logs(self) -> Logs:
        """What the shop's own processes wrote."""
        if self._logs is None:
            self._logs = Logs(self.folder)
        return self._logs

    def server(self, name: str) -> Any:
        """Find a server."""
        return self.servers[name]

    def tick(self) -> None:
        """Start again what ended by itself, or was ended."""
        for name, server in self.servers.items():
            process = server._process  # noqa: SLF001 - a supervisor waits for its children
            is_over = process is None or process.poll() is not None
            if name not in self.held and is_over:
                # A disk that is full keeps it from starting: it is tried again.
                with contextlib.suppress(DevError):
                    server.start()
                    self._count(name)
        for program in self.programs.values():
            if program.look_after():
                self._count(program.name)

    def wait(self, seconds: float) -> None:
        """Let time pass, and look after the shop."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self.tick()
            time.sleep(min(TICK_SECONDS, left))

    def wait_for(self, what: str, is_so: Any, seconds: float = _PATIENCE_SECONDS) -> float:
        """Wait until something is so; tells how long it took."""
        begun = time.monotonic()
        while not is_so():
            if time.monotonic() - begun > seconds:
                raise TimeoutError(f"{what}: not within {seconds:.0f} s")
            self.wait(TICK_SECONDS)
        return time.monotonic() - begun

    def sql(self, query: str, *values: Any, timeout: int = 5) -> list[tuple[Any, ...]]:
        """Ask Postgres, past all links; nothing is told where it cannot be reached."""
        with psycopg.connect(self.plain_url, autocommit=True, connect_timeout=timeout) as opened:
            cursor = opened.execute(query, values or None)
            return cursor.fetchall() if cursor.description else []

    @property
    def plain_url(self) -> str:
        """How psycopg reaches Postgres as who may do everything, past all links."""
        return str(self.server("postgres").admin_url).replace("+psycopg", "")

    def redis(self, name: str = "stock-redis", timeout: float | None = 1.0) -> Redis:
        """Open a client of a Redis as who may do everything, past all links, which asks once."""
        return Redis.from_url(
            self.server(name).admin_url, decode_responses=True, socket_timeout=timeout,
            retry=Retry(NoBackoff(), 0),
        )  # fmt: skip

    def sandbox(self, method: str, path: str, body: Any = None, timeout: float = 30) -> Any:
        """Ask the gateway, past all links."""
        return ask(self.ports["gateway"], method, path, body, timeout=timeout)[1]

    def is_ready(self) -> bool:
        """Tell whether the shop says that it is."""
        try:
            return ask(self.links["clients"].port, "GET", "/readyz", timeout=5)[0] == 200  # noqa: PLR2004
        except (OSError, http.client.HTTPException, ValueError):
            return False

    def counts(self) -> Mapping[str, int]:
        """Tell how often the errors of each Redis were told, by server and name."""
        found: dict[str, int] = {}
        for name in ("stock-redis", "queue-redis"):
            with contextlib.suppress(RedisError), self.redis(name) as client:
                told = client.info("errorstats")
                for error, value in told.items():
                    found[f"{name} {error.removeprefix('errorstat_')}"] = int(value["count"])
        return found

    def _count(self, name: str) -> None:
        self.recoveries[name] = self.recoveries.get(name, 0) + 1


def ask(
    port: int, method: str, path: str, body: Any = None, *, timeout: float = 30
) -> tuple[int, Any]:
    """Send one request; returns its status and what it told."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout)
    with contextlib.closing(connection):
        headers = {"Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
        is_json = "json" in response.headers.get("Content-Type", "")
        return response.status, json.loads(text) if is_json and text else text


@contextlib.contextmanager
def house(
    *, is_small: bool = False, on_disks: bool = True, more: Mapping[str, str] | None = None
) -> Iterator[Shop]:
    """
    Run the shop for the length of the block; a small one has one web process and few workers.

    ``more`` are settings of its processes besides.
    """
    with (
        tempfile.TemporaryDirectory(prefix="ora-chaos-") as name,
        contextlib.ExitStack() as running,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "points").mkdir()
        sizes = {
            "postgres": _POSTGRES_BYTES, "stock-redis": _STOCK_BYTES, "mail": _MAIL_BYTES,
        }  # fmt: skip
        disks = {
            name: running.enter_context(disk(folder / name, size, is_own=on_disks))
            for name, size in sizes.items()
        }
        servers: dict[str, PostgresServer | RedisServer] = {
            "postgres": PostgresServer(folder / "postgres" / "home", durable=True),
            "stock-redis": RedisServer(
                folder / "stock-redis" / "home", durable=True, users="stock"
            ),
            "queue-redis": RedisServer(folder / "queue-redis", durable=True, users="queue"),
        }
        links = Links()
        running.callback(links.close)
        shop = Shop(folder, links, servers, disks)
        for server in servers.values():
            running.callback(_stop, server)
            server.start()
        _open_links(shop)
        running.callback(_stop_programs, shop)
        _add_programs(shop, is_small=is_small, more=more or {})
        _migrate(shop)
        shop.tick()
        shop.recoveries.clear()
        shop.wait_for("The shop is ready", shop.is_ready, _START_SECONDS)
        yield shop


def furnish(
    shop: Shop, *, customers: int, plenty: int, scarce: int, scarce_units: int, counters: int = 1
) -> dict[str, Any]:
    """
    Put products on sale, many of some and few of others, and make people; tells of them.

    Half of the former are split over ``counters``, and all of the latter until few are left.
    """
    engine = make_engine(shop.server("postgres").admin_url, pool_size=1)
    redis, queue = make_client(shop.server("stock-redis").admin_url), shop.redis("queue-redis")
    with psycopg.connect(shop.plain_url, autocommit=True) as sql:
        filled = bench_house.House({}, shop.folder, sql, engine, redis, queue)  # type: ignore[arg-type]
        skus = filled.stock("PLENTY", plenty, 10**6)
        rare = filled.stock("SCARCE", scarce, scarce_units)
        sql.execute(_SPLIT, [counters, [*skus[::2], *rare]])
        filled.sign_in(customers + 1)
        sql.execute("UPDATE users SET role = 'admin' WHERE id = %s", [filled.customers[-1]])
        sql.execute(_COUPONS)
    engine.dispose()
    redis.close()
    queue.close()
    *buyers, admin = map(str, filled.customers)
    return {"customers": buyers, "admin": admin, "plenty": skus, "scarce": rare}


def _open_links(shop: Shop) -> None:
    shop.ports |= {"web": free_port(), "gateway": free_port()}
    for side in (WEB, WORKERS):
        for name, server in shop.servers.items():
            shop.links.add(f"{side}>{name}", server.port)
        shop.links.add(f"{side}>gateway", shop.ports["gateway"])
    shop.links.add("gateway>web", shop.ports["web"])
    shop.links.add("clients", shop.ports["web"])


def _environment(shop: Shop, side: str) -> dict[str, str]:
    """Write what a side's processes run in: each reaches every server by its own link."""
    urls = {
        variable: _at(shop.server(name).url, shop.links[f"{side}>{name}"].port)
        for name, variable in SERVERS.items()
    }
    gateway = f"http://{HOST}:{shop.links[f'{side}>gateway'].port}"
    bin_dir = Path(sys.executable).parent
    return urls | {
        "APP_ENV": "test",
        "SECRET_KEY": bench_house.SECRET_KEY,
        "PATH": f"{bin_dir}:{os.environ.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        "PORT": str(shop.ports["web"]),
        "RATE_LIMITS": "off",
        # Nobody looks whether it is ready: its link leads to it alone.
        "WEB_DRAIN_SECONDS": "0",
        armed.VARIABLE: str(shop.points),
        "RESERVATION_TTL_SECONDS": str(RESERVATION_SECONDS),
        "RESERVATION_EXTENSION_SECONDS": str(EXTENSION_SECONDS),
        "MAIL_URL": f"file://{shop.mails}",
        "PAYMENT_GATEWAYS": "razorpay,cash_on_delivery",
        "RAZORPAY_API_URL": gateway,
    }


def _at(url: str, port: int) -> str:
    parts = urlsplit(url)
    login = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{login}@{HOST}:{port}"))


def _add_programs(shop: Shop, *, is_small: bool, more: Mapping[str, str]) -> None:
    commands = read_procfile(ROOT / "Procfile")
    if is_small:
        commands.pop("worker-hooks-too")
    for name, command in commands.items():
        env = _environment(shop, WEB if name == "web" else WORKERS)
        for plain, with_points in _ARMED.items():
            command = command.replace(plain, with_points)  # noqa: PLW2901
        if is_small:
            env |= _SMALL
        env |= more
        shop.programs[name] = Program(name, command, env, shop.folder)
    settings = {
        "SANDBOX_PORT": str(shop.ports["gateway"]),
        "SANDBOX_DATABASE": str(shop.folder / "sandbox.sqlite"),
        "SANDBOX_WEBHOOK_URL": f"http://{HOST}:{shop.links['gateway>web'].port}/webhooks/razorpay",
        "SANDBOX_CLOCK_FACTOR": GATEWAY_CLOCK,
        "PATH": shop.programs["web"].env["PATH"],
    }
    command = "exec python -m sandbox"
    shop.programs["gateway"] = Program("gateway", command, settings, shop.folder)


def _migrate(shop: Shop) -> None:
    owner = {"MIGRATION_DATABASE_URL": shop.server("postgres").owner_url}
    env = {**shop.programs["web"].env, **owner}
    migration = Program("migration", _MIGRATION, env, shop.folder)
    migration.start()
    assert migration.process is not None  # noqa: S101
    if migration.process.wait() != 0:
        raise RuntimeError((shop.folder / "migration.log").read_text()[-2000:])


def _stop_programs(shop: Shop) -> None:
    for program in shop.programs.values():
        if program.name != "web":
            program.kill()
    if "web" in shop.programs:
        shop.programs["web"].stop(patience_seconds=5)


def _stop(server: PostgresServer | RedisServer) -> None:
    """Stop a server, paused or not; nothing of it is needed any more."""
    server.kill()
    server.remove()


_MIGRATION = "python -m alembic upgrade head && exec python -m flask --app wsgi grant-rights"
_SPLIT = "UPDATE products SET counters = %s WHERE sku = ANY(%s)"
_COUPONS = """
    INSERT INTO coupons (id, code, basis_points, minimum_subtotal, starts_at, usage_limit,
        usage_limit_per_customer, is_active, uses, revision)
    VALUES (gen_random_uuid(), 'FEW-OF-THEM', 1000, 0, now() - interval '1 day', 50, 1,
            true, 0, 1),
        (gen_random_uuid(), 'FOR-EACH', 500, 0, now() - interval '1 day', NULL, 3, true, 0, 1)
"""
