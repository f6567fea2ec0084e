"""What checkout does while a part of the shop is out of reach."""

from contextlib import contextmanager

import pytest
from sqlalchemy import event

from app.core import db, redis_client
from dev.ports import free_port
from tests.api.snapshot import everything
from tests.builders import ADDRESS
from tests.checkout.steps import (
    basket,
    claim,
    order_id_of,
    reservations,
    send,
    told,
)

UNAVAILABLE = {
    "type": "/problems/service-unavailable",
    "title": "A part that this needs is out of reach; whether it was done is unknown, so ask "
    "again.",
    "status": 503,
    "code": "service_unavailable",
}


@pytest.fixture
def buyer(shop):
    for name in ("ring", "chain"):
        shop.product(name, 5)
        shop.levels(name)
    return shop.customer()


@pytest.fixture
def no_redis(monkeypatch):
    def cut_off():
        nowhere = redis_client.make_client(f"redis://127.0.0.1:{free_port()}/0")
        monkeypatch.setattr(redis_client, "_redis", nowhere)

    return cut_off


@pytest.fixture
def no_postgres(monkeypatch):
    def cut_off():
        nowhere = db.make_engine(f"postgresql+psycopg://ora@127.0.0.1:{free_port()}/ora")
        monkeypatch.setattr(db, "_engine", nowhere)
        monkeypatch.setattr(db, "_statements", nowhere)

    return cut_off


@contextmanager
def counted_use_of_postgres():
    """Count every connection taken and every statement sent."""
    used = []

    def on_checkout(*_):
        used.append("connection")

    def on_statement(_connection, _cursor, statement, *_):
        used.append(statement)

    engines = db._engine, db._statements
    for engine in engines:
        event.listen(engine, "checkout", on_checkout)
        event.listen(engine, "before_cursor_execute", on_statement)
    really_run = db.statement

    def run(statement, parameters):
        used.append(statement)
        return really_run(statement, parameters)

    db.statement = run
    try:
        yield used
    finally:
        db.statement = really_run
        for engine in engines:
            event.remove(engine, "checkout", on_checkout)
            event.remove(engine, "before_cursor_execute", on_statement)


def test_the_count_of_what_postgres_is_asked_counts(buyer):
    """So that a count of nothing, below, means something."""
    with counted_use_of_postgres() as used:
        send(buyer, basket(ring=1))

    assert "connection" in used
    assert any("INSERT INTO orders" in statement for statement in used)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"expected_total": {"amount": 1, "currency": "INR"}},
        {"shipping_address_id": "00000000-0000-4000-8000-000000000000", "shipping_address": None},
        {"billing_address_id": "00000000-0000-4000-8000-000000000000"},
        {"shipping_address": None},
        {"notes": "please"},
    ],
)
def test_a_sold_out_answer_asks_postgres_nothing_whatever_else_is_checked(buyer, more):
    with counted_use_of_postgres() as used:
        response = send(buyer, basket(ring=6) | more)

    assert (response.status_code, response.json["code"]) == (409, "insufficient_stock")
    assert used == []


def test_a_request_in_flight_asks_postgres_for_its_answer_alone(buyer, redis, settings):
    claim(redis, order_id_of(settings, buyer), basket(ring=1))

    with counted_use_of_postgres() as used:
        response = send(buyer, basket(ring=1))

    assert (response.status_code, len([s for s in used if s != "connection"])) == (409, 1)


def test_while_redis_is_down_nothing_is_ordered(shop, buyer, session, redis, no_redis):
    before = everything(session, redis)
    no_redis()

    response = send(buyer, basket(ring=1))

    assert (response.status_code, told(response)) == (503, UNAVAILABLE)
    assert int(response.headers["Retry-After"]) >= 1
    assert everything(session, redis) == before


def test_while_redis_is_down_the_shop_is_still_open_for_looking(shop, buyer, no_redis):
    order = send(buyer, basket(ring=2)).json
    no_redis()

    answers = {
        path: buyer.get(path)
        for path in (
            "/api/v1/products",
            "/api/v1/products/ring",
            "/api/v1/inventory?sku=RING",
            "/api/v1/cart",
            f"/api/v1/orders/{order['id']}",
            f"/api/v1/orders/{order['id']}/payment-status",
        )
    }

    assert {path: r.status_code for path, r in answers.items()} == dict.fromkeys(answers, 200)
    assert answers["/api/v1/products/ring"].json["available"] == 3
    assert answers["/api/v1/inventory?sku=RING"].json["items"] == [
        {"sku": "RING", "available": 3, "low_stock": False}
    ]


def test_after_redis_is_back_the_same_request_is_answered(shop, buyer, session, monkeypatch):
    with monkeypatch.context() as patch:
        nowhere = redis_client.make_client(f"redis://127.0.0.1:{free_port()}/0")
        patch.setattr(redis_client, "_redis", nowhere)
        assert send(buyer, basket(ring=1)).status_code == 503

    response = send(buyer, basket(ring=1))

    assert response.status_code == 201
    assert reservations(session) == [(1, "pending")]


def test_while_postgres_is_down_the_units_are_given_back_at_once(shop, buyer, redis, no_postgres):
    no_postgres()

    response = send(buyer, basket(ring=2, chain=1))

    assert (response.status_code, told(response)) == (503, UNAVAILABLE)
    assert int(response.headers["Retry-After"]) >= 1
    assert [(shop.levels(n).reserved, shop.levels(n).available) for n in ("ring", "chain")] == [
        (0, 5),
        (0, 5),
    ]
    assert sorted(redis.keys()) == ["stock:{CHAIN}", "stock:{RING}"]


def test_while_postgres_is_down_sold_out_answers_go_on(buyer, no_postgres):
    no_postgres()

    response = send(buyer, basket(ring=6))

    assert (response.status_code, response.json["lines"]) == (
        409,
        [{"sku": "RING", "requested": 6, "available": 5}],
    )


def test_while_postgres_is_down_a_cart_cannot_be_bought_and_holds_nothing(shop, buyer, no_postgres):
    buyer.put("/api/v1/cart/items/RING", {"quantity": 1})
    no_postgres()

    response = send(buyer, {"shipping_address": ADDRESS})

    assert (response.status_code, told(response)) == (503, UNAVAILABLE)
    assert shop.levels("ring").reserved == 0


def test_after_postgres_is_back_the_same_request_is_answered(shop, buyer, session, monkeypatch):
    with monkeypatch.context() as patch:
        nowhere = db.make_engine(f"postgresql+psycopg://ora@127.0.0.1:{free_port()}/ora")
        patch.setattr(db, "_engine", nowhere)
        patch.setattr(db, "_statements", nowhere)
        assert send(buyer, basket(ring=1)).status_code == 503

    response = send(buyer, basket(ring=1))

    assert response.status_code == 201
    assert reservations(session) == [(1, "pending")]
    assert shop.levels("ring").reserved == 1
