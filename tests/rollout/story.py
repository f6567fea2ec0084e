"""A new version takes the old one's place while people buy: the migration, the workers, web."""

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from chaos.house import Shop, ask, furnish, house
from chaos.programs import Program
from dev.ports import HOST, free_port
from tests.rollout import extra
from tests.rollout.buyers import Crowd

BUYERS, PURCHASES = 4, 4
# What a process may take on a machine that is busy with other tests.
PATIENCE_SECONDS = 240
LOOK_AGAIN_SECONDS = 0.2
SETTINGS = {
    "WEB_DRAIN_SECONDS": "4",
    "RESERVATION_TTL_SECONDS": "600",
    "RESERVATION_EXTENSION_SECONDS": "600",
    # Whoever else is at work on this machine, nobody is told to come back later.
    "WEB_AT_ONCE": "32",
    "WEB_LONGEST_WAIT_SECONDS": "30",
}
# Adds, and takes nothing away; the second one is built beside what goes on.
EXPAND = (
    """
op.add_column("orders", sa.Column("gift_note", sa.Text()))
op.create_table("gift_papers", sa.Column("id", sa.Uuid(), primary_key=True))
""",
    """
with locks.beside():
    op.drop_index("ix_orders_gift", "orders", if_exists=True, postgresql_concurrently=True)
    op.create_index("ix_orders_gift", "orders", ["gift_note"], postgresql_concurrently=True)
""",
)
LINKS = ("clients", "gateway>web")

Notes = dict[str, Any]


def play(folder: Path) -> Notes:
    """Play all of it; returns what was seen."""
    notes: Notes = {}
    with house(is_small=True, on_disks=False, more=SETTINGS) as shop:
        people = furnish(shop, customers=BUYERS, plenty=BUYERS, scarce=1, scarce_units=1)
        with _crowd(shop, people) as crowd:
            crowd.buy_more(PURCHASES)
            notes["migration"] = _migrate_behind_a_lock(shop, crowd, folder)
            crowd.buy_more(PURCHASES)
            notes["ready_after_migration"] = shop.is_ready()
            notes["workers"] = _replace_workers(shop)
            crowd.buy_more(PURCHASES)
            notes["web"] = _replace_web(shop)
            crowd.buy_more(PURCHASES)
        notes["bought"], notes["failures"] = crowd.bought, crowd.failures
        notes["longest_seconds"] = crowd.longest()
        notes["books"] = read_books(shop)
        with _crowd(shop, people) as others:
            _kill_web(shop, others)
        notes["failures_when_killed"] = others.failures
    return notes


def _crowd(shop: Shop, people: dict[str, Any]) -> Crowd:
    base_url = f"http://{HOST}:{shop.links['clients'].port}"
    gateway_url = f"http://{HOST}:{shop.ports['gateway']}"
    return Crowd(base_url, gateway_url, people["customers"], people["plenty"])


def _migrate_behind_a_lock(shop: Shop, crowd: Crowd, folder: Path) -> Notes:
    """Expand the tables while somebody reads orders in a transaction that does not end."""
    ini = extra.write(folder, *EXPAND)
    owner = {"MIGRATION_DATABASE_URL": shop.server("postgres").owner_url, "APP_ENV": "test"}
    command = [sys.executable, "-m", "alembic", "-c", str(ini), "upgrade", "head"]
    told = []
    with (
        _reading_orders(shop) as reader,
        subprocess.Popen(
            command, cwd=extra.ROOT, env=os.environ | owner, stderr=subprocess.PIPE, text=True
        ) as alembic,
    ):
        assert alembic.stderr is not None
        for line in alembic.stderr:
            told.append(line.strip())
            if "try 1 of" in line:
                # Whoever stood behind it gets through before it comes again.
                crowd.buy_more(1)
            if "try 2 of" in line:
                reader.rollback()
        code = alembic.wait(PATIENCE_SECONDS)
    [(revision,)] = shop.sql("SELECT version_num FROM alembic_version")
    [(is_valid,)] = shop.sql(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_orders_gift'::regclass"
    )
    return {"code": code, "told": told, "revision": revision, "index_is_valid": is_valid}


@contextlib.contextmanager
def _reading_orders(shop: Shop) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(shop.plain_url) as reader:
        reader.execute("SELECT count(*) FROM orders")
        yield reader


def _replace_workers(shop: Shop) -> Notes:
    """Start a twin of each process but web, then stop the old ones, one after the other."""
    old = [one for name, one in shop.programs.items() if name not in {"web", "gateway"}]
    known = _clocks(shop)
    twins = [_twin(shop, one) for one in old]
    for twin in twins:
        shop.wait_for(
            f"{twin.name} has begun", partial(_has_signed_on, shop, twin, known), PATIENCE_SECONDS
        )
    return {one.name: _stop(one) for one in old}


def _twin(shop: Shop, program: Program, **env: str) -> Program:
    """Start another one beside it."""
    name = f"{program.name}-new"
    twin = replace(program, name=name, env={**program.env, **env}, process=None, starts=0)
    twin.start()
    shop.programs[name] = twin
    return twin


def _has_signed_on(shop: Shop, program: Program, known: set[str]) -> bool:
    """Tell whether a process is known at the queues; of clocks, another one than before."""
    assert program.starts == 1, (shop.folder / f"{program.name}.log").read_text()[-1000:]
    if program.name.startswith("scheduler"):
        return not _clocks(shop) <= known
    with shop.redis("queue-redis") as queue:
        workers = queue.smembers("rq:workers")
        return str(program.pid) in {queue.hget(key, "pid") for key in workers}


def _clocks(shop: Shop) -> set[str]:
    with shop.redis("queue-redis") as queue:
        return set(queue.scan_iter("rq:scheduler_instance:*"))


def _stop(old: Program) -> Notes:
    """Tell a process to end, and wait until it has."""
    assert old.process is not None
    old.is_held = True
    begun = time.monotonic()
    old.signal(signal.SIGTERM, [old.pid])
    code = old.process.wait(PATIENCE_SECONDS)
    return {"code": code, "seconds": round(time.monotonic() - begun, 2)}


def _replace_web(shop: Shop) -> Notes:
    """Stop web while it serves; the balancer finds out by asking whether it is ready."""
    old = shop.programs["web"]
    port = free_port()
    web = _twin(shop, old, PORT=str(port))
    shop.wait_for("The new web is ready", lambda: _status(port) == 200, PATIENCE_SECONDS)
    threading.Thread(target=_balance, args=(shop, old, web), daemon=True).start()
    return _stop(old)


def _balance(shop: Shop, old: Program, web: Program) -> None:
    """Lead new connections elsewhere once the old one is no longer ready."""
    while _status(int(old.env["PORT"])) == 200:
        time.sleep(LOOK_AGAIN_SECONDS)
    _lead_to(shop, web)


def _kill_web(shop: Shop, crowd: Crowd) -> None:
    """Kill web while everybody is at it: the buyers have to notice."""
    web = shop.programs["web-new"]
    web.is_held = True
    web.signal(signal.SIGSTOP)
    crowd.wait_for(lambda: crowd.asking == len(crowd.customers) or crowd.failures)
    web.kill()
    crowd.wait_for(lambda: crowd.failures)


def _lead_to(shop: Shop, web: Program) -> None:
    """Have new connections go to another web; those that are there stay."""
    for name in LINKS:
        shop.links[name].server_port = int(web.env["PORT"])


def _status(port: int) -> int:
    try:
        return ask(port, "GET", "/readyz", timeout=5)[0]
    except (OSError, http.client.HTTPException):
        return 0


def read_books(shop: Shop) -> Notes:
    """Wait until all jobs are done, and read what came of the orders."""
    shop.wait_for("All jobs are done", lambda: shop.sql(_OPEN)[0][0] == 0, PATIENCE_SECONDS)
    checks = {
        command: subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", command],
            cwd=extra.ROOT, env={**os.environ, **shop.programs["web"].env}, check=False,
            capture_output=True,
        ).returncode
        for command in ("check-stock", "check-money")
    }  # fmt: skip
    found = {name: shop.sql(query) for name, query in _FOUND.items()}
    return checks | found


_OPEN = "SELECT count(*) FROM outbox WHERE done_at IS NULL"
_FOUND = {
    "orders": "SELECT status, count(*) FROM orders GROUP BY 1",
    "payments": "SELECT status, count(*) FROM payments GROUP BY 1",
    # A job that was done twice, or begun and left, has more than one.
    "tries": "SELECT name, attempts, count(*) FROM outbox WHERE attempts <> 1 GROUP BY 1, 2",
    "told": """
        SELECT count(*), count(DISTINCT order_id) FROM notifications
        WHERE event = 'order.confirmed'
    """,
    "sold": "SELECT (-sum(units))::integer FROM stock_movements WHERE kind = 'sale'",
    "sold_twice": """
        SELECT reference, count(*) FROM stock_movements WHERE kind = 'sale'
        GROUP BY reference, product_id HAVING count(*) > 1
    """,
}
