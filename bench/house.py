"""What is measured: the shop's web processes on real servers, and the ceilings beside them."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import text

from app import create_app
from app.config import load_settings
from app.core.auth import issue_tokens
from app.core.db import transaction
from app.core.ids import new_id
from bench.client import request
from dev.ports import free_port
from dev.servers import servers

ROOT = Path(__file__).resolve().parents[1]
WEB = "granian --interface wsgi --workers {workers} --blocking-threads 4 --no-access-log --port"
ADDRESS = {
    "name": "Meera Iyer", "phone": "+919876543210", "line1": "14 Temple Street",
    "city": "Chennai", "state": "Tamil Nadu", "pincode": "600004",
}  # fmt: skip
SECRET_KEY = "the-secret-key-of-one-measurement"  # noqa: S105
PLENTY = 10**8
PATIENCE_SECONDS = 30


@dataclass
class House:
    """Servers, the shop's app in this process, and accounts that are signed in."""

    env: dict[str, str]
    app: Flask
    folder: Path
    tokens: list[str] = field(default_factory=list)
    customers: list[UUID] = field(default_factory=list)

    def stock(self, prefix: str, products: int, units: int) -> list[str]:
        """Put products on sale; returns their SKUs."""
        skus = [f"{prefix}-{number:06d}" for number in range(products)]
        with transaction() as session:
            session.execute(text(_CATEGORY))
            session.execute(text(_PRODUCTS), {"skus": skus, "units": units})
            session.execute(text(_MOVEMENTS), {"skus": skus, "units": units})
        return skus

    def sign_in(self, count: int) -> None:
        """Make customers, and tokens for them."""
        ids = [new_id() for _ in range(count)]
        with transaction() as session:
            session.execute(text(_USERS), {"ids": ids})
        with self.app.app_context():
            for user_id in ids:
                issued = issue_tokens(
                    user_id, role="customer", session_id=uuid4(), refresh_id=uuid4()
                )
                self.tokens.append(f"Bearer {issued['access_token']}")
        self.customers += ids

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

    @contextlib.contextmanager
    def serving(self, app: str = "wsgi:app", *, workers: int = 2) -> Iterator[int]:
        """Serve an app by so many processes; yields the port."""
        port = free_port()
        command = [*WEB.format(workers=workers).split(), str(port), app]
        log = (self.folder / f"web-{port}.log").open("w")
        process = subprocess.Popen(
            command, cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
        )
        path = "/empty" if app.startswith("bench") else "/readyz"
        try:
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not _answers(port, path):
                if time.monotonic() > deadline or process.poll() is not None:
                    raise RuntimeError(Path(log.name).read_text()[-2000:])
                time.sleep(0.05)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)
            log.close()


@contextlib.contextmanager
def house(*, customers: int = 64) -> Iterator[House]:
    """Start real servers that keep what they are told, fsync on, with the shop's tables."""
    with tempfile.TemporaryDirectory(prefix="ora-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with servers(folder, durable=True, environ={}) as urls:
            bin_dir = Path(sys.executable).parent
            env = os.environ | urls | {
                "APP_ENV": "test",
                "SECRET_KEY": SECRET_KEY,
                "PATH": f"{bin_dir}:{os.environ.get('PATH', os.defpath)}",
            }  # fmt: skip
            subprocess.run(
                [sys.executable, "-m", "alembic", "upgrade", "head"],
                cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            os.environ.update(env)
            found = House(env, create_app(load_settings()), folder)
            found.sign_in(customers)
            yield found


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
        '22K (916)', 5000, 4800, '7113', 100000, 300, true, :units, 1, 1
    FROM unnest(CAST(:skus AS text[])) AS sku, categories WHERE categories.slug = 'bench'
"""
_MOVEMENTS = """
    INSERT INTO stock_movements (product_id, kind, units, balance, reference, actor)
    SELECT id, 'receipt', :units, :units, 'bench:' || sku, 'bench'
    FROM products WHERE sku = ANY(CAST(:skus AS text[])) AND :units > 0
"""
_USERS = """
    INSERT INTO users (id, email, password_hash, name, role)
    SELECT id, id || '@example.com', 'x', 'Meera Iyer', 'customer'
    FROM unnest(CAST(:ids AS uuid[])) AS id
"""
