"""A master dies in the middle of a sale, and takes what its replica had not heard with it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import pytest

from app.core import redis_client
from app.core.redis_client import slot
from app.inventory import keys, reconciler, stock
from dev.redis_cluster import MASTERS
from tests.cluster.sale import dies, give_back_what_no_order_stands_on, promised
from tests.payments.purchase import purchase

PATIENCE_SECONDS = 60


@contextmanager
def unheard(cluster, sku):
    """Let a product's master die with what is done meanwhile, unheard by its replica."""
    master = cluster.master_of(slot(redis_client.redis(), keys.stock(sku)))
    cluster.cut_off_replica_of(master)
    yield
    master.kill()
    cluster.await_whole(replicas=MASTERS - 1)


@pytest.mark.parametrize("is_guarded", [True, False], ids=["guarded", "without the run id"])
def test_a_reservation_that_the_replica_never_heard_of_is_not_sold_again(
    shop, session, breakable, monkeypatch, is_guarded
):
    """The negative control shows that it would be, were the new master's run id not looked at."""
    if not is_guarded:
        monkeypatch.setattr(redis_client._Acquainted, "server", property(
            lambda _: "whoever", lambda *_: None
        ))  # fmt: skip
    shop.product("ring", 1)
    shop.levels("ring")

    with unheard(breakable, "RING"):
        assert shop.customer().check_out(ring=1).status_code == 201
    second = shop.customer().check_out(ring=1)

    assert second.status_code == (409 if is_guarded else 201)
    on_hand, pending = promised(session, "RING")
    assert (pending <= on_hand) == is_guarded


def test_a_checkout_between_whose_steps_the_master_died_promises_nothing(
    shop, session, breakable, monkeypatch
):
    from app.checkout import start

    shop.product("ring", 1)
    shop.levels("ring")
    place = start._place

    def die_before(*args):
        # Somebody else is quicker on the new master, which never heard of this reservation.
        dies(breakable, "RING")
        stock.levels(redis_client.redis(), ["RING"])
        return place(*args)

    with monkeypatch.context() as patch:
        patch.setattr(start, "_place", die_before)
        refused = shop.customer().check_out(ring=1)

    assert (refused.status_code, refused.json["code"]) == (503, "stale_epoch")
    assert int(refused.headers["Retry-After"]) >= 1
    assert promised(session, "RING") == (1, 0)
    assert shop.customer().check_out(ring=1).status_code == 201


def test_a_paid_order_whose_commit_died_with_the_master_is_confirmed_all_the_same(
    shop, session, breakable
):
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    claim = shop.claim(bought.order_id)
    with unheard(breakable, "RING"):
        from app.inventory import reservations

        reservations.commit(redis_client.redis(), claim)

    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert (shop.on_hand("ring"), shop.levels("ring").available) == (0, 0)


def test_a_master_dies_in_the_middle_of_a_sale_and_nothing_is_oversold(shop, session, breakable):
    skus = {"RING": 12, "EARRING": 15, "NOSERING": 40}
    for sku, units in skus.items():
        shop.product(sku.lower(), units)
    buyers = [shop.customer() for _ in range(6)]
    is_over, begun = threading.Event(), threading.Barrier(len(buyers) + 1)
    answers = []

    def buy(buyer):
        begun.wait(PATIENCE_SECONDS)
        while not is_over.is_set():
            response = buyer.check_out(uuid4().hex, ring=1, earring=1, nosering=1)
            answers.append(response.status_code)
            if response.status_code == 409:
                return

    with ThreadPoolExecutor(len(buyers)) as threads:
        running = [threads.submit(buy, buyer) for buyer in buyers]
        begun.wait(PATIENCE_SECONDS)
        dies(breakable, "EARRING")
        [future.result(PATIENCE_SECONDS) for future in running]
        is_over.set()

    assert set(answers) <= {201, 409, 503}
    sold = answers.count(201)
    for sku, units in skus.items():
        assert promised(session, sku) == (units, sold)
        assert shop.levels(sku.lower()).available <= units - sold
    # Where half of the slots had answered when the master died, the deadline gives back.
    assert shop.levels("ring").available == 0
    assert give_back_what_no_order_stands_on(session, "RING") == 12 - sold
    redis = redis_client.redis()
    assert reconciler.suspicions(session, redis, list(skus), longest_ms=900_000) == {}
    for _ in range(12 - sold):
        assert shop.customer().check_out(ring=1, earring=1, nosering=1).status_code == 201
    assert promised(session, "RING") == (12, 12)
