from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.catalog.models import Product
from app.core import redis_client
from app.core.db import transaction
from app.core.redis_client import make_client
from app.inventory import keys, ledger, reservations, scripts, stock
from app.inventory.errors import InsufficientStock, UnknownSku
from app.inventory.models import Reservation, StockMovement
from app.inventory.terms import Booking, Claim, Levels, OnHand
from dev.ports import free_port
from tests.builders import values
from tests.inventory.shelf import everything

DELIVERY = Booking("delivery-7", "asha")
MOVEMENTS = select(StockMovement.kind, StockMovement.units, StockMovement.reference)


@pytest.fixture
def dead_redis():
    """A client of a Redis that is out of reach."""
    with make_client(f"redis://127.0.0.1:{free_port()}/0") as client:
        yield client


def deduct(order, **units):
    with transaction() as session:
        claim = Claim(UUID(order["id"]), "", units)
        booking = Booking(f"sale:{claim.id}", "test", order_id=claim.id)
        epochs = dict(values(session.execute(select(Product.sku, Product.stock_epoch))))
        ledger.deduct(session, redis_client.redis(), claim, epochs, booking)


def test_a_product_is_loaded_when_somebody_first_asks_for_it(shop, redis):
    shop.product("ring", 3)
    assert everything(redis) == {}

    assert stock.levels(redis, ["RING"]) == {"RING": Levels(3, 0, 0)}

    assert everything(redis) == {
        "stock:{RING}": {
            "on_hand": "3", "version": "1", "reserved": "0", "committed": "0", "limit": "0",
            "epoch": str(shop.epoch("ring")), "server": redis.info("server")["run_id"],
        }
    }  # fmt: skip


def test_a_redis_that_lost_everything_learns_every_reservation_again(shop, redis):
    shop.product("ring", 3)
    shop.product("chain", 2)
    shop.customer().check_out(ring=2, chain=1)
    shop.customer().check_out(chain=1)
    before = {key: value for key, value in everything(redis).items() if "{" in key}
    redis.flushall()

    told = stock.levels(redis, ["RING", "CHAIN"])

    assert told == {"RING": Levels(3, 2, 0), "CHAIN": Levels(2, 2, 0)}
    for sku in ("RING", "CHAIN"):
        key = keys.reservations(sku)
        assert everything(redis)[key] == before[key]


def test_a_redis_that_lost_everything_promises_nothing_twice(shop, redis):
    shop.product("ring", 3)
    assert shop.customer().check_out(ring=2).status_code == 201
    redis.flushall()

    refused = shop.customer().check_out(ring=2)

    assert refused.status_code == 409
    assert refused.json["lines"] == [{"sku": "RING", "requested": 2, "available": 1}]
    assert shop.customer().check_out(ring=1).status_code == 201
    assert shop.levels("ring") == Levels(3, 3, 0)


def test_only_reservations_that_are_still_pending_are_loaded(shop, redis):
    shop.product("ring", 3)
    buyer = shop.customer()
    cancelled = buyer.check_out(ring=2).json
    assert buyer.post(f"/api/v1/orders/{cancelled['id']}/cancel").status_code == 200
    redis.flushall()

    assert shop.levels("ring") == Levels(3, 0, 0)


def test_many_who_ask_first_at_once_load_a_product_once(shop, redis, monkeypatch):
    shop.product("ring", 5)
    at_once = Barrier(8)
    load, loads = scripts.load, []
    monkeypatch.setattr(scripts, "load", lambda *a, **kw: loads.append(load(*a, **kw)) or loads[-1])

    def first_touch(_):
        at_once.wait()
        try:
            wanted = Claim(uuid4(), "", {"RING": 1})
            return set(reservations.reserve(redis, wanted, lifetime_seconds=900).taken)
        except InsufficientStock:
            return "sold out"

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(first_touch, range(8)))

    assert sorted(answers, key=str) == ["sold out"] * 3 + [{"RING"}] * 5
    assert loads.count(True) == 1
    assert shop.levels("ring") == Levels(5, 5, 0)


def test_a_product_that_nobody_knows_is_refused_by_name(shop, redis):
    shop.product("ring", 3)

    with pytest.raises(UnknownSku) as unknown:
        stock.levels(redis, ["NOSUCH", "RING", "NEITHER"])

    assert unknown.value.members == {"skus": ["NEITHER", "NOSUCH"]}
    assert everything(redis) == {}


def test_levels_of_nothing_are_nothing(dead_redis):
    assert stock.levels(dead_redis, []) == {}


def test_levels_come_from_postgres_while_redis_is_out_of_reach(shop, dead_redis, session):
    shop.product("ring", 3)
    shop.product("chain", 2)
    shop.customer().check_out(ring=2)
    late = shop.customer().check_out(ring=1, chain=1).json
    session.execute(
        text("UPDATE reservations SET deadline_at = now() - interval '1 s' WHERE order_id = :id"),
        {"id": late["id"]},
    )

    told = stock.levels(dead_redis, ["RING", "CHAIN"])

    assert told == {"RING": Levels(3, 2, 0), "CHAIN": Levels(2, 0, 0)}


def test_an_unknown_product_is_refused_by_name_while_redis_is_out_of_reach_too(shop, dead_redis):
    shop.product("ring", 3)

    with pytest.raises(UnknownSku) as unknown:
        stock.levels(dead_redis, ["RING", "NOSUCH"])

    assert unknown.value.members == {"skus": ["NOSUCH"]}


def test_a_deduction_takes_units_off_and_writes_the_ledger(shop, session):
    shop.product("ring", 5)
    shop.product("chain", 5)
    order = shop.customer().check_out(ring=2, chain=1).json

    deduct(order, RING=2, CHAIN=1)

    with transaction() as opened:
        assert ledger.numbers(opened, ["RING", "CHAIN"]) == [
            OnHand("CHAIN", 4, 2),
            OnHand("RING", 3, 2),
        ]
    assert values(session.execute(MOVEMENTS.order_by(StockMovement.id))) == [
        ("receipt", 5, "first:RING"),
        ("receipt", 5, "first:CHAIN"),
        ("sale", -1, f"sale:{order['id']}:CHAIN"),
        ("sale", -2, f"sale:{order['id']}:RING"),
    ]


def test_a_deduction_of_more_than_is_on_hand_is_refused_and_changes_no_line(shop, session):
    shop.product("ring", 5)
    shop.product("chain", 5)
    order = shop.customer().check_out(ring=1, chain=1).json

    with pytest.raises(InsufficientStock) as refused:
        deduct(order, CHAIN=1, RING=6)

    assert refused.value.members == {"lines": [{"sku": "RING", "requested": 6, "available": 5}]}
    assert (shop.on_hand("ring"), shop.on_hand("chain")) == (5, 5)
    assert values(session.execute(MOVEMENTS.where(StockMovement.kind == "sale"))) == []


def test_an_order_is_deducted_once_however_often_it_is_tried(shop):
    shop.product("ring", 5)
    order = shop.customer().check_out(ring=2).json
    deduct(order, RING=2)

    with pytest.raises(IntegrityError, match="uq_stock_movements_reference"):
        deduct(order, RING=2)

    assert shop.on_hand("ring") == 3


def test_postgres_itself_refuses_to_own_less_than_nothing(shop):
    shop.product("ring", 5)

    with (
        pytest.raises(IntegrityError, match="ck_products_stock_quantity_not_negative"),
        transaction() as session,
    ):
        session.execute(text("UPDATE products SET stock_quantity = stock_quantity - 6"))

    assert shop.on_hand("ring") == 5


@pytest.mark.parametrize("table", ["stock_movements", "order_transitions"])
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET actor = 'somebody else'", "DELETE FROM {}"], ids=["update", "delete"]
)
def test_what_was_written_down_can_be_neither_altered_nor_removed(shop, session, table, change):
    shop.product("ring", 5)
    buyer = shop.customer()
    buyer.post(f"/api/v1/orders/{buyer.check_out(ring=1).json['id']}/cancel", {})
    before = values(session.execute(text(f"SELECT * FROM {table}")))
    assert before

    # As the owner of the tables: the app's role may not even try.
    with pytest.raises(IntegrityError, match=f"{table} is append-only"):
        session.execute(text(change.format(table)))

    assert values(session.execute(text(f"SELECT * FROM {table}"))) == before


def test_units_that_came_in_are_booked_once_under_one_reference(shop, session):
    sku = shop.product("ring", 0)

    with transaction() as opened:
        booked = ledger.receive(opened, sku, 4, DELIVERY)
    with transaction() as opened:
        again = ledger.receive(opened, sku, 4, DELIVERY)

    assert (booked, again) == (OnHand("RING", 4, 1), None)
    assert shop.on_hand("ring") == 4
    assert values(session.execute(MOVEMENTS)) == [("receipt", 4, "delivery-7:RING")]


def test_units_of_a_product_that_nobody_knows_cannot_come_in(shop, session):
    with pytest.raises(UnknownSku) as unknown, transaction() as opened:
        ledger.receive(opened, "NOSUCH", 4, DELIVERY)

    assert unknown.value.members == {"skus": ["NOSUCH"]}
    assert values(session.execute(MOVEMENTS)) == []


def test_what_came_in_is_shown_in_redis_beside_what_is_reserved(shop, redis):
    shop.product("ring", 3)
    shop.customer().check_out(ring=2)

    with transaction() as session:
        number = ledger.receive(session, "RING", 4, DELIVERY)
    ledger.show(redis, [number])

    assert shop.levels("ring") == Levels(on_hand=7, reserved=2, committed=0)


def test_settling_shows_what_postgres_has(shop, redis):
    shop.product("ring", 3)
    order = shop.customer().check_out(ring=2).json
    claim = shop.claim(order["id"])
    scripts.commit(redis, claim)
    deduct(order, RING=2)

    with transaction() as session:
        numbers = ledger.numbers(session, ["RING"])
    ledger.settle(redis, claim, numbers)

    assert shop.levels("ring") == Levels(on_hand=1, reserved=0, committed=0)


def test_the_ledger_adds_up_to_what_is_on_hand(shop, session):
    shop.product("ring", 3)
    order = shop.customer().check_out(ring=2).json
    deduct(order, RING=2)
    with transaction() as opened:
        ledger.receive(opened, "RING", 9, DELIVERY)

    on_hand, moved = session.execute(
        text("SELECT (SELECT stock_quantity FROM products), sum(units) FROM stock_movements")
    ).one()

    assert on_hand == moved == 10
    assert session.scalars(select(Product.stock_version)).one() == 3
    assert values(session.execute(select(Reservation.units, Reservation.state))) == [(2, "pending")]
