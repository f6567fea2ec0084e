"""The web process as the Procfile runs it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests
from sqlalchemy import text

from app.core import db
from dev.buyer import Buyer
from dev.ports import free_port
from dev.processes import read_procfile

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 30


@pytest.fixture
def web(app):
    """The Procfile's web line on a free port, ready."""
    port = free_port()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    process = subprocess.Popen(
        ["sh", "-c", read_procfile(ROOT / "Procfile")["web"]],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "PATH": path, "WEB_CONCURRENCY": "1"},
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _until_ready(process, url)
        yield process, url
    finally:
        process.kill()
        process.wait()


def _until_ready(process, url):
    stop = threading.Event()
    for _ in range(PATIENCE_SECONDS * 10):
        assert process.poll() is None, "web ended by itself"
        try:
            if requests.get(f"{url}/readyz", timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        stop.wait(0.1)
    pytest.fail("web was not ready")


def test_a_request_in_flight_is_answered_before_web_stops(web, shop):
    process, url = web
    shop.product("ring", 1)
    buyer = Buyer(url)
    buyer.register()
    order = buyer.check_out("RING").json()

    with db.engine().connect() as holder:
        holder.execute(text("SELECT 1 FROM orders FOR UPDATE"))
        answers = []
        cancelling = threading.Thread(
            target=lambda: answers.append(
                buyer.send("POST", f"/api/v1/orders/{order['id']}/cancel", json={})
            )
        )
        cancelling.start()
        _until_somebody_waits_for_a_lock()
        process.send_signal(signal.SIGTERM)
        holder.rollback()
    cancelling.join(PATIENCE_SECONDS)

    assert [(a.status_code, a.json()["status"]) for a in answers] == [(200, "cancelled")]
    assert process.wait(PATIENCE_SECONDS) == 0
    assert shop.levels("ring").available == 1


def _until_somebody_waits_for_a_lock():
    waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    stop = threading.Event()
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(PATIENCE_SECONDS * 100):
            if connection.scalar(waiting):
                return
            stop.wait(0.01)
    pytest.fail("the request never came to the lock")
