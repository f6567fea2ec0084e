"""Wherever a checkout breaks off, no unit is lost, none is sold twice, and a retry goes on."""

import json
import os
import subprocess
import sys
from threading import Thread

import pytest
from psycopg.errors import CheckViolation
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.checkout import keys, start
from app.core import db
from app.core.db import CommitUnknown
from app.core.problems import ServiceUnavailable
from app.inventory.keys import reservation
from app.orders.models import Order
from tests.checkout.steps import (
    LONG_AGO,
    basket,
    deadline_ms,
    let_time_run_out,
    order_id_of,
    reservations,
    send,
    told,
)
from tests.conftest import ROOT

# A web process that dies where the order would be written.
DYING_WEB = """
import json, os, sys
from app import create_app
from app.checkout import start

token, key, body = sys.argv[1:]
start.place = lambda *_, **__: os._exit(9)
create_app().test_client().post(
    "/api/v1/checkout",
    json=json.loads(body),
    headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
)
"""


@pytest.fixture
def buyer(shop):
    shop.product("ring", 5)
    shop.levels("ring")
    return shop.customer()


def levels(shop):
    found = shop.levels("ring")
    return found.reserved, found.available


def count(session):
    return session.scalar(select(func.count(Order.id)))


def die_while_ordering(buyer, body, key="k"):
    """Send a checkout to a web process that dies between reserving and writing the order."""
    died = subprocess.run(
        [sys.executable, "-c", DYING_WEB, buyer.token, key, json.dumps(body)],
        cwd=ROOT,
        env=os.environ,
        check=False,
        capture_output=True,
        timeout=120,
    )
    assert died.returncode == 9, died.stderr


def lost_connection():
    return OperationalError("COMMIT", {}, Exception("server closed the connection"))


def lose_statement(*_):
    """A connection that breaks before Postgres hears of the order."""
    raise CommitUnknown


def end_lease(redis, order_id):
    """Let so much time pass that whoever answers a request is taken for dead."""
    redis.hset(keys.request(order_id), "until_ms", 0)


def test_a_web_process_that_dies_before_the_order_leaves_the_units_to_their_deadline(
    shop, buyer, session, redis, settings
):
    die_while_ordering(buyer, basket(ring=5))
    assert (count(session), reservations(session), levels(shop)) == (0, [], (5, 0))
    assert send(shop.customer(), basket(ring=1)).status_code == 409

    let_time_run_out(session, redis, order_id_of(settings, buyer), "ring")

    assert levels(shop) == (0, 5)
    assert send(shop.customer(), basket(ring=5)).status_code == 201


def test_a_request_whose_web_process_died_is_answered_after_its_lease(
    shop, buyer, session, redis, settings
):
    die_while_ordering(buyer, basket(ring=2))
    order_id = order_id_of(settings, buyer)
    waiting = send(buyer, basket(ring=2))
    end_lease(redis, order_id)

    retried = send(buyer, basket(ring=2))

    assert (waiting.status_code, waiting.json["code"]) == (409, "request_in_flight")
    assert (retried.status_code, retried.json["id"]) == (201, str(order_id))
    assert "Idempotency-Replayed" not in retried.headers
    assert (count(session), reservations(session), levels(shop)) == (1, [(2, "pending")], (2, 3))
    assert send(buyer, basket(ring=2)).json == retried.json


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (RuntimeError("a bug"), 500, "internal_server_error"),
        (
            CheckViolation("some other constraint"),
            500,
            "internal_server_error",
        ),
        (ServiceUnavailable(), 503, "service_unavailable"),
    ],
    ids=["bug", "constraint", "unavailable"],
)
def test_an_order_that_cannot_be_written_gives_its_units_back_at_once(
    shop, buyer, session, redis, settings, monkeypatch, error, status, code
):
    def fail(*_, **__):
        assert levels(shop) == (2, 3)
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(start, "place", fail)

        response = send(buyer, basket(ring=2))

    order_id = order_id_of(settings, buyer)
    assert (response.status_code, response.json["code"]) == (status, code)
    assert ("Retry-After" in response.headers) == (status == 503)
    assert (count(session), reservations(session), levels(shop)) == (0, [], (0, 5))
    assert redis.exists(reservation(order_id), keys.request(order_id)) == 0
    assert send(buyer, basket(ring=2)).status_code == 201


def test_a_commit_whose_outcome_is_unknown_but_done_stands_and_is_replayed(
    shop, buyer, session, monkeypatch
):
    really_run = db.statement

    def run(*args):
        really_run(*args)
        raise CommitUnknown

    with monkeypatch.context() as patch:
        patch.setattr(db, "statement", run)

        unknown = send(buyer, basket(ring=2))

    assert (unknown.status_code, told(unknown)) == (
        503,
        {
            "type": "/problems/commit-unknown",
            "title": "The connection broke while committing: the change may be there or not, so "
            "ask again.",
            "status": 503,
            "code": "commit_unknown",
        },
    )
    assert "Retry-After" in unknown.headers
    assert (count(session), reservations(session), levels(shop)) == (1, [(2, "pending")], (2, 3))

    retried = send(buyer, basket(ring=2))

    assert (retried.status_code, retried.headers["Idempotency-Replayed"]) == (201, "true")
    assert retried.json == buyer.order(retried.json["id"])
    assert (count(session), reservations(session), levels(shop)) == (1, [(2, "pending")], (2, 3))


def test_a_commit_whose_outcome_is_unknown_and_not_done_is_made_up_for_by_a_retry(
    shop, buyer, session, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(db, "statement", lose_statement)

        unknown = send(buyer, basket(ring=2))

    assert (unknown.status_code, unknown.json["code"]) == (503, "commit_unknown")
    assert (count(session), levels(shop)) == (0, (2, 3))

    retried = send(buyer, basket(ring=2))

    assert retried.status_code == 201
    assert "Idempotency-Replayed" not in retried.headers
    assert (count(session), reservations(session), levels(shop)) == (1, [(2, "pending")], (2, 3))


def test_a_retry_that_comes_after_the_deadline_takes_what_is_still_there(
    shop, buyer, session, redis, settings, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(db, "statement", lose_statement)
        send(buyer, basket(ring=3))
    assert levels(shop) == (3, 2)
    let_time_run_out(session, redis, order_id_of(settings, buyer), "ring")
    send(shop.customer(), basket(ring=3))

    too_many = send(buyer, basket(ring=3))
    fewer = send(buyer, basket(ring=2))

    assert (too_many.status_code, too_many.json["lines"]) == (
        409,
        [{"sku": "RING", "requested": 3, "available": 2}],
    )
    assert (fewer.status_code, levels(shop)) == (201, (5, 0))


@pytest.mark.parametrize("error", [ServiceUnavailable(), RuntimeError("a bug")])
def test_a_late_failing_request_leaves_what_a_later_one_of_the_same_key_stands_on(
    shop, buyer, session, redis, settings, monkeypatch, error
):
    """The first is so slow that its lease runs out; the second overtakes it and succeeds."""
    order_id = order_id_of(settings, buyer)
    really_place = start.place
    second = []

    def overtake():
        second.append(send(shop_buyer, basket(ring=2)))

    def place(*args, **kwargs):
        monkeypatch.setattr(start, "place", really_place)
        end_lease(redis, order_id)
        thread = Thread(target=overtake)
        thread.start()
        thread.join()
        raise error

    shop_buyer = type(buyer)(shop.app.test_client(), buyer.id, buyer.token)
    monkeypatch.setattr(start, "place", place)

    first = send(buyer, basket(ring=2))

    assert first.status_code in (500, 503)
    assert [r.status_code for r in second] == [201]
    assert (count(session), reservations(session), levels(shop)) == (1, [(2, "pending")], (2, 3))
    held_until = deadline_ms(redis, "ring", order_id, 2)
    assert redis.get(reservation(order_id)) == str(held_until)
    assert session.scalars(select(Order.expires_at)).one().timestamp() * 1000 == held_until
    replayed = send(buyer, basket(ring=2))
    assert (replayed.json, replayed.headers["Idempotency-Replayed"]) == (second[0].json, "true")


def test_a_late_request_meets_the_order_that_a_later_one_of_the_same_key_has_made(
    shop, buyer, session, redis, settings, monkeypatch
):
    """The same, but the first goes on in the end, and finds the order there."""
    order_id = order_id_of(settings, buyer)
    really_place = start.place
    second = []
    twin = type(buyer)(shop.app.test_client(), buyer.id, buyer.token)

    def place(*args, **kwargs):
        monkeypatch.setattr(start, "place", really_place)
        end_lease(redis, order_id)
        thread = Thread(target=lambda: second.append(send(twin, basket(ring=2))))
        thread.start()
        thread.join()
        return really_place(*args, **kwargs)

    monkeypatch.setattr(start, "place", place)

    first = send(buyer, basket(ring=2))

    assert (first.status_code, first.json) == (201, second[0].json)
    assert first.headers["Idempotency-Replayed"] == "true"
    assert (count(session), reservations(session), levels(shop)) == (1, [(2, "pending")], (2, 3))


def test_units_that_ran_out_long_ago_are_back_before_anybody_asks(shop, buyer, session, redis):
    order = send(buyer, basket(ring=5)).json
    let_time_run_out(session, redis, order["id"], "ring")

    rival = send(shop.customer(), basket(ring=5))

    assert rival.status_code == 201
    assert deadline_ms(redis, "ring", rival.json["id"], 5) > LONG_AGO.timestamp() * 1000
