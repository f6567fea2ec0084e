"""The web process as the Procfile runs it."""

import signal
import threading

import pytest
from sqlalchemy import text

from app.core import db
from dev.buyer import Buyer
from tests.web import PATIENCE_SECONDS, until, web_process


@pytest.fixture
def web(app):
    """The Procfile's web line on a free port, ready."""
    with web_process() as running:
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
