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
# What two processes may take to begin on a machine that is busy with other tests.
PATIENCE_SECONDS = 120


@pytest.fixture
def web(app, request):
    """The Procfile's web line on a free port, ready; drains for as long as the test says."""
    port = free_port()
    drain_seconds = str(getattr(request, "param", 0))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    process = subprocess.Popen(
        ["sh", "-c", read_procfile(ROOT / "Procfile")["web"]],
        cwd=ROOT,
        env={
            **os.environ, "PORT": str(port), "PATH": path, "WEB_CONCURRENCY": "2",
            "WEB_DRAIN_SECONDS": drain_seconds,
        },
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        _until_ready(process, url)
        yield process, url
    finally:
        process.kill()
        process.wait()


def _until_ready(process, url):
    def is_ready():
        try:
            return _status(url) == 200
        except requests.ConnectionError:
            return False

    _until(process, is_ready)


def _until(process, is_so):
    stop = threading.Event()
    for _ in range(PATIENCE_SECONDS * 10):
        assert process.poll() is None, "web ended by itself"
        if is_so():
            return
        stop.wait(0.1)
    pytest.fail("it did not come to pass in time")


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


# Longer than the test needs to ask once more; a second SIGTERM ends it.
@pytest.mark.parametrize("web", [120], indirect=True)
def test_a_process_that_is_told_to_stop_serves_on_and_says_that_it_is_not_ready(web):
    process, url = web
    with requests.Session() as kept:
        before = kept.get(f"{url}/healthz", timeout=5)
        process.send_signal(signal.SIGTERM)
        # Each of its processes is told.
        _until(process, lambda: {_status(url) for _ in range(30)} == {503})
        during = kept.get(f"{url}/healthz", timeout=5)

    assert "Connection" not in before.headers
    assert (during.status_code, during.headers["Connection"]) == (200, "close")
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.parametrize("web", [0.5], indirect=True)
def test_it_ends_by_itself_after_that(web):
    process, _ = web

    process.send_signal(signal.SIGTERM)

    assert process.wait(PATIENCE_SECONDS) == 0


def _status(url):
    return requests.get(f"{url}/readyz", timeout=5).status_code
