"""
Which WSGI server: the real two-line checkout on each, in turn, in one run.

    .venv/bin/pip install gunicorn gevent && .venv/bin/python bench/wsgi.py

Every server gets two processes (of four threads where it has threads) on the same Postgres, with
fsync on, and Redis. Clients are two processes with keep-alive connections in a closed loop. The
servers take turns, round by round, so that a machine that drifts drifts for all of them.
"""

import contextlib
import http.client
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dev.buyer import ADDRESS, Buyer  # noqa: E402
from dev.ports import free_port  # noqa: E402
from dev.servers import servers  # noqa: E402

CLIENTS = 16
CLIENT_PROCESSES = 2
SECONDS = 6.0
ROUNDS = 3
SKUS = ("ORA-RG-0001", "ORA-PD-0001")

GUNICORN = "gunicorn --no-control-socket --workers 2 --log-level error --bind 127.0.0.1:{port} "
SERVERS = {
    "granian": "granian --interface wsgi --workers 2 --blocking-threads 4 --no-access-log "
    "--port {port}",
    "gunicorn gthread": GUNICORN + "--worker-class gthread --threads 4",
    "gunicorn gevent": GUNICORN + "--worker-class gevent",
    "gunicorn sync": GUNICORN + "--worker-class sync",
}
# Plenty, so that stock never decides.
STOCK_UP = f"""
from app import create_app
from app.core.db import transaction
from app.inventory import ledger
from app.inventory.terms import Booking
create_app()
with transaction() as session:
    for sku in {SKUS!r}:
        ledger.receive(session, sku, 10**8, Booking("bench", "bench"))
"""


class Round(NamedTuple):
    """What one server did in one turn; times in milliseconds."""

    rate: float
    p50: float
    p99: float
    errors: int


def main() -> None:
    """Measure and print."""
    bin_dir = Path(sys.executable).parent
    names = [n for n, command in SERVERS.items() if shutil.which(command.split()[0], path=bin_dir)]
    results: dict[str, list[Round]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory(prefix="ora-bench-") as folder:
        Path(folder).chmod(0o755)
        with servers(Path(folder), durable=True, environ={}) as urls:
            env = {**os.environ, **urls, "PATH": f"{bin_dir}:{os.environ['PATH']}"}
            _prepare(env)
            for name in names * ROUNDS:
                with _serving(SERVERS[name], env) as port:
                    results[name].append(_load(port))
    print(f"{'server':18} checkouts/s   p50 ms   p99 ms  errors   (medians of {ROUNDS} rounds)")
    for name, rounds in results.items():
        rate, p50, p99 = (statistics.median(r[i] for r in rounds) for i in range(3))
        print(f"{name:18} {rate:11.0f} {p50:8.1f} {p99:8.1f} {sum(r.errors for r in rounds):7d}")


def _prepare(env: dict[str, str]) -> None:
    """Write the tables, the catalogue and more stock than anybody can buy."""
    for arguments in (
        ["-m", "alembic", "upgrade", "head"],
        ["-m", "flask", "--app", "wsgi", "grant-rights"],
        ["-m", "flask", "--app", "wsgi", "seed"],
        ["-c", STOCK_UP],
    ):
        subprocess.run([sys.executable, *arguments], cwd=ROOT, env=env, check=True)


@contextlib.contextmanager
def _serving(command: str, env: dict[str, str]) -> Iterator[int]:
    port = free_port()
    arguments = [*command.format(port=port).split(), "wsgi:app"]
    process = subprocess.Popen(arguments, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    try:
        while not _is_ready(port):
            time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTPStatus.OK
    return False


def _load(port: int) -> Round:
    tokens = []
    for _ in range(CLIENTS):
        buyer = Buyer(f"http://127.0.0.1:{port}")
        buyer.register()
        tokens.append(str(buyer.http.headers["Authorization"]))
    _run(port, tokens[:2], 1.0)
    shares = [tokens[i::CLIENT_PROCESSES] for i in range(CLIENT_PROCESSES)]
    with ProcessPoolExecutor(CLIENT_PROCESSES) as pool:
        running = [pool.submit(_run, port, share, SECONDS) for share in shares]
        parts = [run.result() for run in running]
    times = sorted(t for part, _ in parts for t in part)
    errors = sum(count for _, count in parts)
    return Round(len(times) / SECONDS, _percentile(times, 50), _percentile(times, 99), errors)


def _run(port: int, tokens: list[str], seconds: float) -> tuple[list[float], int]:
    """Check out with as many connections as tokens, each in a closed loop of its own thread."""
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(len(tokens)) as pool:
        parts = list(pool.map(lambda token: _loop(port, token, until), tokens))
    return [t for part, _ in parts for t in part], sum(errors for _, errors in parts)


def _loop(port: int, token: str, until: float) -> tuple[list[float], int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    lines = [{"sku": sku, "quantity": 1} for sku in SKUS]
    body = json.dumps({"lines": lines, "shipping_address": ADDRESS})
    headers = {"Authorization": token, "Content-Type": "application/json"}
    times, errors = [], 0
    while (started := time.monotonic()) < until:
        headers["Idempotency-Key"] = uuid4().hex
        connection.request("POST", "/api/v1/checkout", body, headers)
        response = connection.getresponse()
        response.read()
        if response.status == HTTPStatus.CREATED:
            times.append((time.monotonic() - started) * 1000)
        else:
            errors += 1
    connection.close()
    return times, errors


def _percentile(ordered: list[float], percent: int) -> float:
    return (
        ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] if ordered else float("nan")
    )


if __name__ == "__main__":
    main()
