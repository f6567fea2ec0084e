"""
A server that was restarted has forgotten what it held, or remembers what is over.

Either way it is told anew from Postgres before it promises anything, and what was promised before
stands only where Postgres has it.
"""

import shutil

import pytest
from sqlalchemy import select

from app.core import db, redis_client
from app.core.jobs import Job
from app.inventory import keys, reservations
from app.orders.models import Order
from tests.checkout import steps
from tests.checkout.steps import basket, send
from tests.checkout.test_crashes import lose_statement
from tests.outages.moments import held, once_reserved, rows, send_again, timed
from tests.payments.purchase import make_due, purchase, refunds

ORDER = basket(ring=2, chain=1)
ORDERED = {"ring": (2, 3), "chain": (1, 4)}


def comes_back_empty(server):
    server.restart(forgetful=True)


def comes_back_with_its_keys(server):
    server.restart()


def is_flushed(server):
    with server.client() as client:
        client.flushall()


def available(shop):
    """What may still be promised, whether the rest is reserved or committed."""
    return shop.levels("ring").available, shop.levels("chain").available


after_any_loss = pytest.mark.parametrize(
    "loses", [comes_back_empty, comes_back_with_its_keys, is_flushed], ids=lambda it: it.__name__
)


@after_any_loss
def test_what_postgres_holds_is_held_again_without_anybody_restarting_the_shop(
    shop, server, buyer, session, loses
):
    send(buyer, ORDER)

    loses(server)

    rival = shop.customer()
    refused = send(rival, basket(ring=4), "too many")
    assert refused.json["lines"] == [{"sku": "RING", "requested": 4, "available": 3}]
    assert send(rival, basket(ring=3), "what is left").status_code == 201
    assert held(shop) == {"ring": (5, 0), "chain": (1, 4)}


@after_any_loss
def test_a_reservation_that_is_lost_before_its_order_is_written_is_told_anew_with_it(
    shop, server, buyer, monkeypatch, loses
):
    """Nobody has asked the new server for anything, so nobody was promised the units."""
    once_reserved(monkeypatch, lambda: loses(server))

    response = timed(lambda: send(buyer, ORDER))

    assert response.status_code == 201
    assert held(shop) == ORDERED


@after_any_loss
def test_a_reservation_that_a_rival_no_longer_met_is_refused_and_holds_nothing(
    shop, server, buyer, session, monkeypatch, loses
):
    rival = shop.customer()

    def overtaken():
        loses(server)
        assert send(rival, basket(ring=3)).status_code == 201

    once_reserved(monkeypatch, overtaken)

    response = timed(lambda: send(buyer, basket(ring=3, chain=1)))

    assert (response.status_code, response.json["code"]) == (503, "stale_epoch")
    assert int(response.headers["Retry-After"]) >= 1
    assert session.scalars(select(Order.user_id)).all() == [rival.id]
    assert steps.reservations(session) == [(3, "pending")]
    assert held(shop) == {"ring": (3, 2), "chain": (0, 5)}

    again = send(buyer, basket(ring=3, chain=1))
    assert again.json["lines"] == [{"sku": "RING", "requested": 3, "available": 2}]
    assert send(buyer, basket(ring=2, chain=1)).status_code == 201
    assert held(shop) == {"ring": (5, 0), "chain": (1, 4)}


@after_any_loss
def test_a_commit_that_is_lost_before_the_deduction_is_made_again(
    shop, server, session, monkeypatch, loses
):
    order = purchase(shop, ring=2, chain=1)
    commit = reservations.commit_all

    def lose_it_once(*args):
        monkeypatch.setattr(reservations, "commit_all", commit)
        epochs = commit(*args)
        loses(server)
        available(shop)
        return epochs

    monkeypatch.setattr(reservations, "commit_all", lose_it_once)
    shop.capture(order.opened)
    shop.work("webhooks")

    assert order.status[0] == "pending"
    assert "StaleEpoch" in str(session.scalars(select(Job.last_error)).all())
    assert (shop.on_hand("ring"), shop.on_hand("chain")) == (5, 5)
    assert available(shop) == (3, 4)

    make_due(session)
    shop.work("webhooks")

    assert (order.status, refunds(session)) == (("confirmed", "captured"), [])
    assert (shop.on_hand("ring"), shop.on_hand("chain")) == (3, 4)
    assert held(shop) == {"ring": (0, 3), "chain": (0, 4)}


def test_a_server_that_comes_back_with_older_keys_is_told_anew(shop, server, buyer, tmp_path):
    send(shop.customer(), basket(ring=1))
    older = tmp_path / "older"
    shutil.copytree(server.home, older)
    send(buyer, ORDER)
    before = redis_client.redis().hget(keys.stock("RING"), "server")

    server.kill()
    server.forget()
    for path in older.glob("appendonly*"):
        target = server.home / path.name
        shutil.copytree(path, target) if path.is_dir() else shutil.copy(path, target)
    server.start()

    assert redis_client.redis().hget(keys.stock("RING"), "server") == before
    assert redis_client.redis().zcard(keys.reservations("RING")) == 1
    assert held(shop) == {"ring": (3, 2), "chain": (1, 4)}
    assert redis_client.redis().hget(keys.stock("RING"), "server") != before


def test_a_server_that_comes_back_with_what_postgres_never_had_gives_it_back(
    shop, server, buyer, session, monkeypatch
):
    """The web process died with the server, so nobody releases what it has reserved."""
    before = rows(session)

    def die():
        server.restart()
        raise SystemExit

    once_reserved(monkeypatch, die)
    with pytest.raises(SystemExit):
        send(buyer, ORDER)

    assert rows(session) == before
    assert held(shop) == {"ring": (0, 5), "chain": (0, 5)}


def test_a_load_that_postgres_never_heard_of_is_made_again(
    shop, server, buyer, session, settings, monkeypatch
):
    server.restart(forgetful=True)
    with monkeypatch.context() as patch:
        patch.setattr(db, "statement", lose_statement)
        assert send(buyer, ORDER).status_code == 503

    # What it told Redis is not believed, so the next one begins from Postgres.
    assert send_again(redis_client.redis(), settings, buyer, ORDER).status_code == 201
    assert steps.reservations(session) == [(1, "pending"), (2, "pending")]
    assert held(shop) == ORDERED
