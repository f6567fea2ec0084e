"""The stock Redis dies in the middle of a sale, and Sentinel makes its replica the master."""

import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from redis import Redis
from redis.exceptions import NoPermissionError
from sqlalchemy import func, select

from app.catalog.models import Product
from app.core import redis_client
from app.inventory import keys, reconciler
from app.inventory.models import Reservation
from app.orders.models import Order
from tests.payments.balance import assert_balanced
from tests.payments.purchase import purchase, sales

PATIENCE_SECONDS = 60
UNITS = 40
BUYERS = 6


def promised(session, sku):
    """On hand, and what Postgres holds of it for orders that are not paid yet."""
    return session.execute(
        select(
            Product.stock_quantity,
            select(func.coalesce(func.sum(Reservation.units), 0))
            .where(Reservation.product_id == Product.id, Reservation.state == "pending")
            .scalar_subquery(),
        ).where(Product.sku == sku)
    ).one()


def dies(watched):
    """Kill the master; return once its replica has taken over."""
    master = watched.master
    master.kill()
    watched.await_another_than(master)


def test_a_purchase_with_the_users_that_a_watched_redis_has(shop, session, watched):
    shop.product("ring", 3)
    bought = purchase(shop, ring=2)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert (shop.on_hand("ring"), shop.levels("ring").available) == (1, 1)
    with (
        Redis.from_url(watched.master.url) as client,
        pytest.raises(NoPermissionError),
    ):
        client.config_get("*")


@pytest.mark.parametrize("is_guarded", [True, False], ids=["guarded", "without the run id"])
def test_a_reservation_that_the_replica_never_heard_of_is_not_sold_again(
    shop, session, watched, monkeypatch, is_guarded
):
    """The negative control shows that it would be, were the new master's run id not looked at."""
    if not is_guarded:
        monkeypatch.setattr(redis_client._Acquainted, "server", property(
            lambda _: "whoever", lambda *_: None
        ))  # fmt: skip
    shop.product("ring", 1)
    shop.levels("ring")

    watched.cut_off_replica()
    assert shop.customer().check_out(ring=1).status_code == 201
    dies(watched)
    second = shop.customer().check_out(ring=1)

    assert second.status_code == (409 if is_guarded else 201)
    on_hand, pending = promised(session, "RING")
    assert (pending <= on_hand) == is_guarded


def test_the_master_dies_in_the_middle_of_a_sale_and_each_unit_is_sold_once(shop, session, watched):
    """Half of the buyers pay; who is told 503 comes again with the same key, as the page does."""
    shop.product("ring", UNITS)
    buyers = [shop.customer() for _ in range(BUYERS)]
    begun, paid, answers = threading.Barrier(BUYERS + 1), [], []

    def buy(buyer):
        begun.wait(PATIENCE_SECONDS)
        key = uuid4().hex
        while True:
            response = buyer.check_out(key, ring=1)
            answers.append(response.status_code)
            if response.status_code == 409 and response.json["code"] == "insufficient_stock":
                return
            if response.status_code == 201:
                key = uuid4().hex
                opened = buyer.open_payment(response.json["id"])
                paid.append(shop.capture(opened))

    with ThreadPoolExecutor(BUYERS) as threads:
        running = [threads.submit(buy, buyer) for buyer in buyers]
        begun.wait(PATIENCE_SECONDS)
        dies(watched)
        [future.result(PATIENCE_SECONDS) for future in running]

    assert set(answers) <= {201, 409, 503}
    assert 503 in answers
    shop.work()
    # What was held for an answer that died with the master is given back by its deadline.
    held = give_back_what_no_order_stands_on(session)
    paid += [shop.capture(bought_now(shop)) for _ in range(held)]
    shop.work()

    assert (len(paid), shop.on_hand("ring")) == (UNITS, 0)
    confirmed = session.scalars(select(Order.id).where(Order.status == "confirmed")).all()
    assert len(confirmed) == UNITS
    assert [units for _, units in sales(session)] == [-1] * UNITS
    assert promised(session, "RING") == (0, 0)
    assert shop.customer().check_out(ring=1).status_code == 409
    redis = redis_client.redis()
    assert reconciler.suspicions(session, redis, ["RING"], longest_ms=900_000) == {}
    assert_balanced(session)


def test_nothing_is_promised_twice_while_sentinel_changes_two_healthy_servers_over(
    shop, session, watched
):
    """For seconds both take writes, and the shop's connections stay with the old one."""
    shop.product("ring", 30)
    is_over, answers = threading.Event(), []

    def buy(buyer):
        while not is_over.wait(0.05):
            answers.append(buyer.check_out(ring=1).status_code)

    with ThreadPoolExecutor(2) as threads:
        running = [threads.submit(buy, shop.customer()) for _ in range(2)]
        try:
            watched.change_over()
        finally:
            is_over.set()
        [future.result(PATIENCE_SECONDS) for future in running]

    assert set(answers) <= {201, 409, 503}
    on_hand, pending = promised(session, "RING")
    assert (on_hand, pending) == (30, answers.count(201))
    assert shop.levels("ring").available <= 30 - pending
    assert reconciler.suspicions(session, redis_client.redis(), ["RING"], longest_ms=900_000) == {}


def test_without_any_sentinel_checkouts_are_refused_and_the_catalogue_goes_on(
    shop, client, watched
):
    shop.product("ring", 3)
    buyer = shop.customer()
    for sentinel in watched.sentinels:
        sentinel.kill()
    redis_client.connect(watched.url)

    assert buyer.check_out(ring=1).status_code == 503
    assert client.get("/api/v1/products/ring").json["available"] == 3
    assert client.get("/readyz").json["checks"]["stock_redis"] == "unreachable"


def bought_now(shop):
    buyer = shop.customer()
    response = buyer.check_out(ring=1)
    assert response.status_code == 201, response.text
    return buyer.open_payment(response.json["id"])


def give_back_what_no_order_stands_on(session):
    """Let the time of reservations without an order be over, as it is in a quarter of an hour."""
    redis, orders = redis_client.redis(), set(map(str, session.scalars(select(Order.id))))
    members = redis.zrange(keys.reservations("RING"), 0, -1)
    orphans = [member for member in members if member.partition(":")[0] not in orders]
    for member in orphans:
        redis.zadd(keys.reservations("RING"), {member: 1})
    return len(orphans)
