"""The web process as the Procfile runs it."""

import signal
import threading

import pytest
import requests
from sqlalchemy import text

from app.core import db
from dev.buyer import Buyer
from tests.web import PATIENCE_SECONDS, until, web_process


@pytest.fixture
def web(app, request):
    """The Procfile's web line on a free port, ready; drains for as long as the test says."""
    drain_seconds = str(getattr(request, "param", 0))
    with web_process(WEB_CONCURRENCY="2", WEB_DRAIN_SECONDS=drain_seconds) as running:
        yield running.process, running.url


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
    with db.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        until(lambda: bool(connection.scalar(waiting)), "the request never came to the lock")


# Longer than the test needs to ask once more; a second SIGTERM ends it.
@pytest.mark.parametrize("web", [120], indirect=True)
def test_a_process_that_is_told_to_stop_serves_on_and_says_that_it_is_not_ready(web):
    process, url = web
    with requests.Session() as kept:
        before = kept.get(f"{url}/healthz", timeout=5)
        process.send_signal(signal.SIGTERM)
        # Each of its processes is told.
        until(lambda: {_status(url) for _ in range(30)} == {503}, "it never said so")
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
