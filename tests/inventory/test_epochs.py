"""What is written to Postgres stands on what Redis said only until Redis is told anew."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from app.catalog.models import Product
from app.checkout import extend, start
from app.checkout.extend import extend_reservation
from app.core.db import transaction
from app.core.problems import ServiceUnavailable
from app.inventory import keys, ledger, scripts, stock
from app.inventory.errors import StaleEpoch
from app.inventory.models import Reservation
from app.inventory.terms import Booking, Claim, Levels
from tests.payments.purchase import make_due, purchase


@pytest.fixture
def ring(shop):
    shop.product("ring", 1)
    shop.levels("ring")


def lose_everything(redis):
    """Forget all, and be told anew by somebody who asks next."""
    redis.flushall()
    stock.levels(redis, ["RING"])


def restart(redis):
    """Come back as another server, with what was on the disk."""
    for key in redis.keys("stock:*"):
        redis.hset(key, "server", "the one before")
    stock.levels(redis, ["RING"])


def load_impatiently(redis):
    with transaction() as session:
        session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        stock.load(session, redis, ["RING"], is_forced=True)


def load_and_die(redis):
    with transaction() as session:
        stock.load(session, redis, ["RING"], is_forced=True)
        raise ZeroDivisionError


LOSSES = pytest.mark.parametrize("lose", [lose_everything, restart])


@LOSSES
def test_a_checkout_does_not_stand_on_a_reservation_that_redis_lost(
    shop, session, redis, ring, monkeypatch, lose
):
    place = start._place

    def after_a_rival(*args):
        monkeypatch.setattr(start, "_place", place)
        lose(redis)
        assert shop.customer().check_out(ring=1).status_code == 201
        return place(*args)

    monkeypatch.setattr(start, "_place", after_a_rival)
    refused = shop.customer().check_out(ring=1)

    assert (refused.status_code, refused.json["code"]) == (503, "stale_epoch")
    assert session.scalars(select(Reservation.state)).all() == ["pending"]
    assert shop.levels("ring") == Levels(1, 1, 0)


@LOSSES
def test_the_same_checkout_again_is_answered(shop, session, redis, ring, monkeypatch, lose):
    place = start._place

    def after_the_loss(*args):
        monkeypatch.setattr(start, "_place", place)
        lose(redis)
        return place(*args)

    monkeypatch.setattr(start, "_place", after_the_loss)
    buyer = shop.customer()

    answers = [buyer.check_out("key", ring=1).status_code for _ in range(2)]

    assert answers == [503, 201]
    assert shop.levels("ring") == Levels(1, 1, 0)


def test_a_load_waits_for_what_is_about_to_be_written(shop, session, redis, ring):
    """Or it would miss the reservation: what it reads is what was committed before."""
    order = shop.customer().check_out(ring=1).json
    extension = {
        "order_id": order["id"], "skus": ["RING"], "epochs": [shop.epoch("ring")],
        "deadline": order["expires_at"],
    }  # fmt: skip
    with transaction() as writing:
        writing.connection().exec_driver_sql(extend._EXTEND, extension)
        with pytest.raises(ServiceUnavailable):
            load_impatiently(redis)

    assert shop.levels("ring") == Levels(1, 1, 0)


def test_a_checkout_that_waits_for_a_load_does_not_stand_on_what_was_before_it(
    shop, session, redis, ring, monkeypatch
):
    """The load has read what there is, and could not know of this order."""
    place, has_read, is_over = start._place, Event(), Event()
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")

    def load():
        with transaction() as loading:
            loading.execute(select(Product.id).with_for_update())
            loading.execute(update(Product).values(stock_epoch=Product.stock_epoch + 1))
            has_read.set()
            while not session.scalar(waiting) and not is_over.is_set():
                pass

    def beside_a_load(*args):
        with ThreadPoolExecutor(1) as pool:
            loaded = pool.submit(load)
            has_read.wait()
            try:
                return place(*args)
            finally:
                is_over.set()
                loaded.result()

    monkeypatch.setattr(start, "_place", beside_a_load)
    refused = shop.customer().check_out(ring=1)

    assert (refused.status_code, refused.json["code"]) == (503, "stale_epoch")
    assert session.scalars(select(Reservation.state)).all() == []


@LOSSES
def test_an_extension_does_not_stand_on_a_reservation_that_redis_lost(shop, redis, ring, lose):
    claim = shop.claim(shop.customer().check_out(ring=1).json["id"])
    extend = scripts.extend

    def extend_and_lose(*args, **kwargs):
        extended = extend(*args, **kwargs)
        lose(redis)
        return extended

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scripts, "extend", extend_and_lose)
        with pytest.raises(StaleEpoch):
            extend_reservation(claim, lifetime_seconds=1_800)

    with transaction() as session:
        deadline = session.scalars(select(Reservation.deadline_at)).one()
    member = keys.member(claim.id, 1, claim.buyer)
    held_until = redis.zscore(keys.reservations("RING"), member)
    assert held_until == round(deadline.timestamp() * 1000)


@LOSSES
def test_a_deduction_does_not_stand_on_a_commit_that_redis_lost(shop, session, redis, ring, lose):
    claim = Claim(uuid4(), "", {"RING": 1})
    epochs = scripts.commit(redis, claim)
    lose(redis)

    with pytest.raises(StaleEpoch), transaction() as opened:
        ledger.deduct(opened, redis, claim, epochs, Booking("sale", "test"))

    assert (shop.on_hand("ring"), shop.levels("ring").available) == (1, 1)


@LOSSES
def test_a_capture_whose_commit_redis_lost_commits_again(
    shop, session, redis, ring, monkeypatch, lose
):
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    commit, commits = scripts.commit_all, []

    def commit_and_lose(*args):
        epochs = commit(*args)
        if not commits:
            lose(redis)
        commits.append(epochs)
        return epochs

    monkeypatch.setattr(scripts, "commit_all", commit_and_lose)
    shop.work()
    assert bought.status == ("pending", "pending")
    make_due(session)
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert len(commits) == 2
    assert (shop.on_hand("ring"), shop.levels("ring")) == (0, Levels(0, 0, 0))


def test_a_redis_that_stands_on_an_epoch_of_nobody_is_told_anew(shop, redis, ring):
    """As it is where a load died after Redis was told and before Postgres was."""
    redis.hset("stock:{RING}", "epoch", 1_000_000)

    assert shop.customer().check_out(ring=1).json["code"] == "stale_epoch"
    assert shop.customer().check_out(ring=1).status_code == 201


def test_no_epoch_is_given_twice(shop, session, redis, ring):
    epochs = [shop.epoch("ring")]
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            load_and_die(redis)
        epochs.append(int(redis.hget("stock:{RING}", "epoch")))
        lose_everything(redis)
        epochs.append(shop.epoch("ring"))

    assert epochs == sorted(set(epochs))


def test_a_payer_is_not_forgotten_with_redis(shop, session, redis, ring):
    """An extension asks Postgres who holds the units before it says that nobody does."""
    claim = shop.claim(shop.customer().check_out(ring=1).json["id"])
    redis.flushall()

    deadline = extend_reservation(claim, lifetime_seconds=1_800)

    member = keys.member(claim.id, 1, claim.buyer)
    assert redis.zscore(keys.reservations("RING"), member) == round(deadline.timestamp() * 1000)
    assert session.scalars(select(Reservation.deadline_at)).one() == deadline


def test_a_payer_keeps_the_units_beside_a_load_that_died(shop, session, redis, ring):
    """What a load that died half-way told is never believed, and refuses nobody."""
    claim = Claim(uuid4(), "meera", {"RING": 1})
    reserved = scripts.reserve(redis, claim, lifetime_ms=900_000)
    with pytest.raises(ZeroDivisionError):
        load_and_die(redis)
    other = shop.customer().check_out(ring=1)

    assert (other.status_code, reserved.epochs["RING"] == shop.epoch("ring")) == (201, False)
