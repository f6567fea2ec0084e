"""What is measured: the shop's web processes and workers on real servers, and its customers."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import psycopg
from flask import Flask
from redis import Redis
from sqlalchemy.engine import Engine

from app import rights
from app.config import DEVELOPMENT_SECRETS
from app.core import auth
from app.core.db import make_engine
from app.core.ids import new_id
from app.core.redis_client import make_client
from bench import processes
from bench.client import request, spread
from dev.ports import free_port
from dev.servers import servers

ROOT = Path(__file__).resolve().parents[1]
WEB = (
    "granian --interface wsgi --workers {workers} --http 1 --backlog 1024 --backpressure 1024 "
    "--blocking-threads {threads} --no-access-log --port"
)
THREADS = 72
ADDRESS = {
    "name": "Meera Iyer", "phone": "+919876543210", "line1": "14 Temple Street",
    "city": "Chennai", "state": "Tamil Nadu", "pincode": "600004",
}  # fmt: skip
SECRET_KEY = "the-secret-key-of-one-measurement"  # noqa: S105
WEBHOOK_SECRET = DEVELOPMENT_SECRETS["razorpay_webhook_secret"]
PLENTY = 10**8
PATIENCE_SECONDS = 30
# Of no work at all, after which a process has begun.
REST_SECONDS = 0.2


class Web(NamedTuple):
    """A web server that runs: its port, and the process that started its processes."""

    port: int
    pid: int


class Cpu(NamedTuple):
    """CPU seconds used so far, or between two looks."""

    ours: float
    postgres: float
    redis: float

    def since(self, before: "Cpu") -> "Cpu":
        """Tell what was used since an earlier look."""
        return Cpu(*(now - then for now, then in zip(self, before, strict=True)))

    @property
    def all(self) -> float:
        """All of it."""
        return sum(self)


@dataclass
class House:
    """
    Servers, and accounts that are signed in.

    ``env`` is what the shop's processes run in, ``admin`` names the same servers as who may do
    everything; ``sql`` commits each statement by itself.
    """

    env: dict[str, str]
    folder: Path
    sql: psycopg.Connection[tuple[Any, ...]]
    engine: Engine
    redis: Redis
    queue: Redis
    admin: Mapping[str, str] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    customers: list[UUID] = field(default_factory=list)

    def stock(self, prefix: str, products: int, units: int) -> list[str]:
        """Put products on sale; returns their SKUs."""
        skus = [f"{prefix}-{number:06d}" for number in range(products)]
        with self.sql.transaction():
            self.sql.execute(_CATEGORY)
            self.sql.execute(_PRODUCTS, {"skus": skus, "units": units})
            self.sql.execute(_MOVEMENTS, {"skus": skus, "units": units})
        return skus

    def sign_in(self, count: int) -> None:
        """Make customers, and tokens for them."""
        ids = [new_id() for _ in range(count)]
        self.sql.execute(_USERS, [ids])
        self.sql.execute(_SESSIONS, [ids])
        self.customers += ids
        self.tokens += tokens_of(ids)

    def renew(self) -> None:
        """Give all customers new tokens: one lasts for a quarter of an hour."""
        self.tokens = tokens_of(self.customers)

    def checkouts(self, count: int, skus: Sequence[str], *, lines: int = 2) -> list[bytes]:
        """Write so many checkouts, each of another key, by customers in turn."""
        found = []
        for number in range(count):
            start = number * lines % len(skus)
            chosen = [skus[(start + line) % len(skus)] for line in range(lines)]
            body = {
                "lines": [{"sku": sku, "quantity": 1} for sku in chosen],
                "shipping_address": ADDRESS,
            }
            headers = {
                "Authorization": self.tokens[number % len(self.tokens)],
                "Content-Type": "application/json",
                "Idempotency-Key": uuid4().hex,
            }
            path = "/api/v1/checkout"
            found.append(request("POST", path, headers=headers, body=json.dumps(body).encode()))
        return found

    def warm_up(self, web: Web, skus: Sequence[str]) -> str:
        """Let every process load the products; returns the id of the first customer's order."""
        wanted = self.checkouts(600, skus)
        # A process that has just begun is slow, and its gate tells some to come back.
        while wanted:
            sent = spread(web.port, wanted, connections=16, seconds=60)
            later = [one.number for one in sent if one.status == HTTPStatus.SERVICE_UNAVAILABLE]
            found = {one.status for one in sent if one.number not in set(later)}
            assert found <= {HTTPStatus.CREATED}  # noqa: S101
            wanted = [wanted[number] for number in later]
        query = "SELECT id FROM orders WHERE user_id = %s LIMIT 1"
        [(order,)] = self.sql.execute(query, [self.customers[0]])
        return str(order)

    @contextlib.contextmanager
    def serving(
        self, app: str = "wsgi:app", *, workers: int = 2, threads: int = THREADS, **env: str
    ) -> Iterator[Web]:
        """Serve an app by so many processes of so many threads, in this environment besides."""
        port = free_port()
        command = [*WEB.format(workers=workers, threads=threads).split(), str(port), app]
        path = "/empty" if app == "bench.empty:app" else "/readyz"
        with self.running(command, **env) as process:
            wait(process, lambda: _answers(port, path))
            # One of them answers; the others are still beginning, and would not hear a stop either.
            wait(process, lambda: _is_at_rest(process.pid))
            yield Web(port, process.pid)

    @contextlib.contextmanager
    def working(self, queue: str = "webhooks") -> Iterator[int]:
        """Work a queue by one process; yields its id once it takes jobs."""
        known = self.queue.smembers("rq:workers")
        with self.running([sys.executable, "-m", "workers.run", queue]) as process:
            wait(process, lambda: bool(self.queue.smembers("rq:workers") - known))
            yield process.pid

    @contextlib.contextmanager
    def running(self, command: Sequence[str], **env: str) -> Iterator["subprocess.Popen[bytes]"]:
        """Run a command until the block ends, its output in the folder."""
        log = self.folder / f"{uuid4().hex}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.env | env, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
            try:
                yield process
            except _EndedError as ended:
                raise RuntimeError(log.read_text()[-2000:]) from ended
            finally:
                processes.stop(process)

    def cpu(self, *pids: int) -> Cpu:
        """Tell the CPU time of these processes, and of the servers."""
        return Cpu(
            processes.cpu_seconds(*pids),
            processes.cpu_seconds(self.postgres),
            processes.cpu_seconds(_pid(self.redis), _pid(self.queue)),
        )

    @property
    def postgres(self) -> int:
        """The process that started all of Postgres'."""
        return processes.parent(self.sql.info.backend_pid)


@contextlib.contextmanager
def house(*, customers: int = 64) -> Iterator[House]:
    """Start real servers that keep what they are told, fsync on, with the shop's tables."""
    with tempfile.TemporaryDirectory(prefix="ora-bench-") as name, contextlib.ExitStack() as open_:
        folder = Path(name)
        folder.chmod(0o755)
        urls = open_.enter_context(servers(folder, durable=True, environ={}))
        env = _environment(urls)
        subprocess.run(
            [sys.executable, "-m", "alembic", "upgrade", "head"],
            cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        url, owners_url = urls["DATABASE_URL"], urls["MIGRATION_DATABASE_URL"]
        plain_url = owners_url.replace("+psycopg", "")
        owner = make_engine(owners_url, pool_size=1)
        with owner.begin() as connection:
            rights.grant(connection)
        owner.dispose()
        sql = open_.enter_context(psycopg.connect(plain_url, autocommit=True))
        engine = make_engine(url, pool_size=1)
        open_.callback(engine.dispose)
        redis = make_client(urls.admin["STOCK_REDIS_URL"])
        queue = Redis.from_url(urls.admin["QUEUE_REDIS_URL"])
        assert isinstance(redis, Redis)  # noqa: S101
        open_.callback(redis.close)
        open_.callback(queue.close)
        found = House(env, folder, sql, engine, redis, queue, urls.admin)
        found.sign_in(customers)
        yield found


def _environment(urls: Mapping[str, str]) -> dict[str, str]:
    bin_dir = Path(sys.executable).parent
    return os.environ | urls | {
        "APP_ENV": "test",
        "SECRET_KEY": SECRET_KEY,
        "PATH": f"{bin_dir}:{os.environ.get('PATH', os.defpath)}",
    }  # fmt: skip


def tokens_of(customers: Sequence[UUID], role: str = "customer") -> list[str]:
    """Sign people in as the shop does, with its secret."""
    app = Flask(__name__)
    auth.init_app(app, secret=SECRET_KEY, standing=lambda *_: None)
    with app.app_context():
        issued = (
            auth.issue_tokens(user_id, role=role, session_id=user_id, refresh_id=user_id)
            for user_id in customers
        )
        return [f"Bearer {tokens['access_token']}" for tokens in issued]


class _EndedError(Exception):
    """A process ended, or was not ready in time."""


def wait(process: "subprocess.Popen[bytes]", is_ready: Callable[[], bool]) -> None:
    """Wait until a process that runs here is ready; what it printed is raised where it is not."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_ready():
        if time.monotonic() > deadline or process.poll() is not None:
            raise _EndedError
        time.sleep(0.05)


def _is_at_rest(pid: int) -> bool:
    before = processes.cpu_seconds(pid)
    time.sleep(REST_SECONDS)
    return processes.cpu_seconds(pid) == before


def _pid(server: Redis) -> int:
    return int(server.info("server")["process_id"])


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    return False


_CATEGORY = """
    INSERT INTO categories (id, slug, name, position)
    VALUES (gen_random_uuid(), 'bench', 'Bench', 1) ON CONFLICT DO NOTHING
"""
_PRODUCTS = """
    INSERT INTO products (id, sku, slug, name, description, category_id, metal, purity,
        gross_weight_mg, net_weight_mg, hsn_code, price, tax_basis_points, is_active,
        stock_quantity, stock_version, low_stock_threshold)
    SELECT gen_random_uuid(), sku, lower(sku), 'Piece ' || sku, 'A piece.', categories.id, 'gold',
        '22K (916)', 5000, 4800, '7113', 100000, 300, true, %(units)s, 1, 1
    FROM unnest(%(skus)s::text[]) AS sku, categories WHERE categories.slug = 'bench'
"""
_MOVEMENTS = """
    INSERT INTO stock_movements (product_id, kind, units, balance, reference, actor)
    SELECT id, 'receipt', %(units)s, %(units)s, 'bench:' || sku, 'bench'
    FROM products WHERE sku = ANY(%(skus)s::text[]) AND %(units)s > 0
"""
_USERS = """
    INSERT INTO users (id, email, password_hash, name, role)
    SELECT id, id || '@example.com', 'x', 'Meera Iyer', 'customer'
    FROM unnest(%s::uuid[]) AS id
"""
# One each, called like who it is of: any process can write its tokens.
_SESSIONS = """
    INSERT INTO sessions (id, user_id, refresh_id) SELECT id, id, id FROM unnest(%s::uuid[]) AS id
"""
