"""A product that is split over counters is sold as one: to the last unit, whoever asks where."""

from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from app.catalog.models import Product
from app.core import redis_client
from app.core.db import transaction
from app.core.problems import ServiceUnavailable
from app.inventory import (
    adjustments,
    counters,
    gathering,
    keys,
    ledger,
    reconciler,
    reservations,
    scripts,
    stock,
    telling,
)
from app.inventory.adjustments import Change
from app.inventory.errors import InsufficientStock, PurchaseLimitExceeded, StaleEpoch
from app.inventory.models import StockDrift
from app.inventory.terms import Booking, Claim, Levels
from tests.builders import values
from tests.payments.purchase import purchase
from tests.races import books
from workers import stock as work

COUNT = 4
UNITS = 40


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """So few units make a counter that tests need no more."""
    monkeypatch.setattr(counters, "FEW", 2)


@pytest.fixture
def ring(shop):
    """Forty rings, split over four counters."""
    shop.product("ring", UNITS, counters=COUNT)
    assert shop.levels("ring") == Levels(UNITS, 0, 0)


def shares(session):
    return session.scalars(select(Product.on_hand_by_counter)).one()


def claim_at(number, units=1, count=COUNT):
    """Make a claim of nobody's whose units are of that counter."""
    ids = iter(uuid4, None)
    order_id = next(one for one in ids if counters.number_of(one, "", count) == number)
    return Claim(order_id, "", {"RING": units})


def reserve(redis, claim):
    return reservations.reserve(redis, claim, lifetime_seconds=900)


def free(redis, number, count=COUNT):
    name = keys.counter("RING", number, count)
    return scripts.levels(redis, [name])[name].available


def suspicions(session, redis):
    return reconciler.suspicions(session, redis, ["RING"], longest_ms=1_800_000)


def order_at(shop, number, units):
    """Have a customer whose units are of that counter buy some."""
    buyers = iter(shop.customer, None)
    ours = (b for b in buyers if counters.number_of(uuid4(), str(b.id), COUNT) == number)
    return next(ours).check_out(ring=units)


def test_units_are_shared_out_over_keys_of_their_own(redis, session, ring):
    assert shares(session) == [10] * COUNT
    assert sorted(redis.keys("stock:*")) == sorted(
        keys.stock(keys.counter("RING", number, COUNT)) for number in range(COUNT)
    )


def test_a_purchase_takes_and_settles_units_of_one_counter(shop, redis, session, ring):
    bought = purchase(shop, ring=3)
    assert shop.levels("ring") == Levels(UNITS, 3, 0)

    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert shop.levels("ring") == Levels(UNITS - 3, 0, 0)
    assert sorted(shares(session)) == [7, 10, 10, 10]
    assert suspicions(session, redis) == {}


def test_a_payment_told_twice_takes_its_units_off_once(shop, redis, session, ring):
    bought = purchase(shop, ring=3)
    claim = shop.claim(bought.order_id)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    # A second worker had looked before the first was done.
    scripts.commit(redis, claim)
    with transaction() as opened:
        found = ledger.numbers(opened, ["RING"], buyer=claim.buyer)
    ledger.settle(redis, claim, found)

    assert shop.levels("ring") == Levels(UNITS - 3, 0, 0)
    assert suspicions(session, redis) == {}


def test_a_commit_that_is_given_up_gives_its_units_back(shop, redis, session, ring):
    claim = claim_at(1, 3)
    reservations.commit(redis, claim)
    with transaction() as opened:
        found = ledger.numbers(opened, ["RING"])

    ledger.settle(redis, claim, found)

    assert shop.levels("ring") == Levels(UNITS, 0, 0)
    assert suspicions(session, redis) == {}


def test_many_are_confirmed_together(shop, redis, session, ring):
    bought = [purchase(shop, ring=1) for _ in range(5)]
    for one in bought:
        one.tell("payment.captured", one.pay())

    shop.work()

    assert [one.status for one in bought] == [("confirmed", "captured")] * 5
    assert shop.levels("ring") == Levels(UNITS - 5, 0, 0)
    assert sum(shares(session)) == UNITS - 5


def test_a_purchase_limit_holds_over_all_that_a_buyer_asks_for(shop, redis):
    shop.product("ring", UNITS, counters=COUNT, purchase_limit=3)
    for _ in range(3):
        buyer = shop.customer()
        answers = [buyer.check_out(ring=1).status_code for _ in range(5)]
        assert answers == [201, 201, 201, 409, 409]

    wanted = Claim(uuid4(), "somebody", {"RING": 4})
    with pytest.raises(PurchaseLimitExceeded) as refused:
        reserve(redis, wanted)
    assert refused.value.members["lines"] == [{"sku": "RING", "requested": 4, "allowed": 3}]


def test_a_limit_is_held_to_what_was_bought_before_it_was_split(shop, session, redis):
    shop.product("ring", UNITS, purchase_limit=3)
    bought = purchase(shop, ring=2)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    split(redis)

    assert suspicions(session, redis) == {}
    assert bought.buyer.check_out(ring=2).json["code"] == "purchase_limit_exceeded"
    assert bought.buyer.check_out(ring=1).status_code == 201


def test_one_order_may_have_lines_of_both_kinds(shop, redis, ring):
    shop.product("chain", 2)

    assert shop.customer().check_out(ring=2, chain=1).status_code == 201
    refused = shop.customer().check_out(ring=1, chain=2)

    assert refused.json["lines"] == [{"sku": "CHAIN", "requested": 2, "available": 1}]
    assert (shop.levels("ring"), shop.levels("chain")) == (Levels(UNITS, 2, 0), Levels(2, 1, 0))


def test_the_sweep_returns_what_ran_out_of_every_counter(shop, redis, ring):
    for number in range(COUNT):
        scripts.reserve(redis, claim_at(number), lifetime_ms=1)
    now = {key: redis.zrange(key, 0, -1) for key in redis.keys("reservations:*")}
    for key, members in now.items():
        redis.zadd(key, dict.fromkeys(members, 1))

    assert reservations.sweep(redis) == COUNT
    assert redis.keys("reservations:*") == []


def split(redis, count=COUNT):
    with transaction() as session:
        session.execute(update(Product).values(counters=count))
        stock.load(session, redis, ["RING"], is_forced=True)


def test_whoever_asks_at_a_counter_that_is_empty_has_the_others_units(shop, redis, session, ring):
    assert order_at(shop, 2, 10).status_code == 201
    epoch = shop.epoch("ring")

    assert order_at(shop, 2, 2).status_code == 201

    # Many are left, so it is split as before, and evenly.
    assert shop.epoch("ring") > epoch
    assert len(shares(session)) == COUNT
    assert sum(free(redis, number) for number in range(COUNT)) == 28
    assert max(free(redis, n) for n in range(COUNT)) <= 8


def test_few_units_are_gathered_and_sold_to_the_last(shop, redis, session, ring):
    sold = 0
    while (answer := shop.customer().check_out(ring=1)).status_code == 201:
        sold += 1

    assert sold == UNITS
    assert answer.json["lines"] == [{"sku": "RING", "requested": 1, "available": 0}]
    assert (shares(session), redis.keys("stock:*")) == (None, ["stock:{RING}"])


def test_without_that_they_would_be_stranded(shop, redis, ring, monkeypatch):
    monkeypatch.setattr(gathering, "promising", lambda redis, _, ask: stock.knowing(redis, ask))
    assert order_at(shop, 2, 10).status_code == 201

    assert order_at(shop, 2, 1).status_code == 409
    assert shop.levels("ring").available == 30


def test_a_line_may_have_more_units_than_a_counter(shop, redis, session, ring):
    assert order_at(shop, 0, 25).status_code == 201

    assert shares(session) is None
    assert shop.levels("ring") == Levels(UNITS, 25, 0)


def test_more_than_there_is_is_refused_by_all_of_it_and_changes_nothing(shop, session, ring):
    epoch = shop.epoch("ring")
    for _ in range(3):
        refused = shop.customer().check_out(ring=UNITS + 1)

        assert refused.json["lines"] == [
            {"sku": "RING", "requested": UNITS + 1, "available": UNITS}
        ]
    assert (shop.epoch("ring"), len(shares(session))) == (epoch, COUNT)


def test_a_short_line_of_another_product_moves_none(shop, session, ring):
    shop.product("chain", 1)
    assert order_at(shop, 2, 10).status_code == 201
    epoch = shop.epoch("ring")

    refused = shop.customer().check_out(ring=20, chain=2)

    assert refused.json["lines"] == [{"sku": "CHAIN", "requested": 2, "available": 1}]
    assert shop.epoch("ring") == epoch


def test_a_late_payment_has_the_units_of_other_counters(shop, redis, session, ring):
    late = claim_at(3, 2)
    assert reserve(redis, claim_at(3, 10))

    assert set(reservations.commit(redis, late)) == {"RING"}


def test_staff_take_off_what_no_counter_has_by_itself(shop, redis, session, ring):
    change = Change("RING", "write_off", -25, "worn")

    assert adjustments.adjust(redis, [change], reference="worn", actor="asha")

    assert shop.levels("ring") == Levels(15, 0, 0)
    assert suspicions(session, redis) == {}


def test_who_finds_the_units_gone_again_and_again_is_asked_to_come_later(
    shop, redis, ring, monkeypatch
):
    assert reserve(redis, claim_at(1, 10))
    monkeypatch.setattr(gathering, "_gather", lambda *_: None)

    with pytest.raises(ServiceUnavailable):
        reserve(redis, claim_at(1))


def test_of_many_who_find_a_counter_short_one_has_it_told_anew(shop, redis, ring):
    assert order_at(shop, 1, 10).status_code == 201
    wanted = claim_at(1)
    gathering._gather(redis, wanted, ["RING"])
    epoch = shop.epoch("ring")

    gathering._gather(redis, wanted, ["RING"])

    assert shop.epoch("ring") == epoch


def test_a_delivery_is_put_on_every_counter(shop, redis, session, ring):
    adjustments.adjust(
        redis, [Change("RING", "receipt", 6, "made")], reference="more", actor="asha"
    )

    assert shares(session) == [12, 12, 11, 11]
    assert [free(redis, number) for number in range(COUNT)] == [12, 12, 11, 11]
    assert suspicions(session, redis) == {}


@pytest.mark.parametrize("reason", [None, "worn"])
def test_units_that_come_back_are_on_sale_again_or_written_off(shop, redis, session, ring, reason):
    bought = purchase(shop, ring=3)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    booking = Booking("return", "asha")
    with transaction() as opened:
        back = ledger.restock(
            opened, shop.claim(bought.order_id).id, {"RING": 2}, booking, written_off=reason
        )
    with transaction() as opened:
        found = ledger.numbers(opened, ["RING"], buyer=back.buyer)
    ledger.show(redis, found)

    on_hand = UNITS - 3 if reason else UNITS - 1
    assert shop.levels("ring") == Levels(on_hand, 0, 0)
    assert sum(shares(session)) == on_hand
    assert suspicions(session, redis) == {}


def test_what_was_gathered_is_split_again_once_many_are_free(shop, redis, session, ring):
    assert order_at(shop, 0, 37).status_code == 201
    assert shares(session) is None
    work._compare("")
    assert shares(session) is None

    adjustments.adjust(
        redis, [Change("RING", "receipt", 16, "made")], reference="more", actor="asha"
    )
    work._compare("")

    assert len(shares(session)) == COUNT
    assert shop.levels("ring") == Levels(56, 37, 0)


def test_a_process_that_remembers_another_asks_again(shop, redis, ring):
    for remembered in (1, 2, 64):
        counters.learn("RING", remembered)

        assert shop.customer().check_out(ring=1).status_code == 201
        assert counters.count_of("RING") == COUNT


def test_what_others_have_gathered_is_committed_extended_and_released(shop, redis, session, ring):
    claims = [shop.claim(order_at(shop, n, 1).json["id"]) for n in range(3)]
    split(redis, 1)
    for act in (
        lambda: reservations.commit(redis, claims[0]),
        lambda: reservations.extend(redis, claims[1], lifetime_seconds=1_800),
        lambda: reservations.release(redis, claims[2]),
    ):
        counters.learn("RING", COUNT)
        act()

    assert shop.levels("ring") == Levels(UNITS, 1, 1)


def test_without_looking_again_what_is_released_would_stay_held(shop, redis, ring, monkeypatch):
    claim = shop.claim(order_at(shop, 1, 1).json["id"])
    split(redis, 1)
    counters.learn("RING", COUNT)
    monkeypatch.setattr(stock, "relearn", lambda *_: False)

    reservations.release(redis, claim)

    assert stock.levels(redis, ["RING"])["RING"].reserved == 1


def test_what_is_settled_after_it_was_split_otherwise_is_found(shop, redis, session, ring):
    claim = shop.claim(order_at(shop, 1, 2).json["id"])
    reservations.commit(redis, claim)
    with transaction() as opened:
        found = ledger.numbers(opened, ["RING"], buyer=claim.buyer)
    split(redis, 1)
    assert shop.levels("ring") == Levels(UNITS, 0, 2)

    ledger.settle(redis, claim, found)

    assert shop.levels("ring") == Levels(UNITS, 0, 0)


@pytest.mark.parametrize(("before", "after"), [(COUNT, 1), (1, COUNT), (COUNT, 2)])
def test_a_load_that_dies_half_way_loses_neither_units_nor_commits(
    shop, redis, session, monkeypatch, before, after
):
    shop.product("ring", UNITS, counters=before)
    paid = shop.claim(shop.customer().check_out(ring=2).json["id"])
    assert shop.customer().check_out(ring=3).status_code == 201
    reservations.commit(redis, paid)

    def die(*_, **__):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        # The last that is done before Postgres commits.
        patch.setattr(stock.log, "info", die)
        with pytest.raises(ZeroDivisionError):
            split(redis, after)

    assert shop.levels("ring") == Levels(UNITS, 3, 2)
    assert len(shares(session) or [0]) == before
    assert suspicions(session, redis) == {}


def test_a_load_that_dies_before_it_is_told_is_ended_by_the_next(
    shop, redis, session, ring, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(scripts, "publish", lambda *_, **__: True)
        split(redis, 1)
    counters.learn("RING", COUNT)

    assert shop.customer().check_out(ring=1).status_code == 201
    assert shop.levels("ring") == Levels(UNITS, 1, 0)


@pytest.mark.parametrize("is_hidden", [True, False], ids=["hidden", "left to be found"])
def test_who_releases_between_a_load_and_what_makes_it_known_gives_units_back(
    shop, redis, ring, monkeypatch, is_hidden
):
    """The negative control shows that they would be given back where nobody sells from any more."""
    claim = shop.claim(order_at(shop, 1, 2).json["id"])
    with monkeypatch.context() as patch:
        patch.setattr(telling, "publish", lambda *_: None)
        if not is_hidden:
            patch.setattr(telling, "hide", lambda *_: None)
        split(redis, 1)

    reservations.release(redis, claim)

    counters.learn("RING", 1)
    assert shop.levels("ring").reserved == (0 if is_hidden else 2)


def test_units_that_a_counter_never_had_are_deducted_from_none(shop, redis, session, ring):
    """Somebody's hand in Redis: told anew, the payer has those of another counter."""
    name = keys.counter("RING", 1, COUNT)
    redis.hset(keys.stock(name), "on_hand", 30)
    claim = claim_at(1, 15)
    epochs = reservations.commit(redis, claim)

    with pytest.raises(StaleEpoch), transaction() as opened:
        ledger.deduct(
            opened, redis, claim, epochs, Booking("worn", "asha", "worn"), kind="write_off"
        )

    assert reservations.commit(redis, claim) != epochs
    assert shop.levels("ring") == Levels(UNITS, 0, 15)
    assert sum(shares(session) or [UNITS]) == UNITS


def test_what_is_dropped_late_is_not_what_a_later_load_told(shop, redis, ring):
    epoch = shop.epoch("ring")
    split(redis, 1)
    split(redis, COUNT)

    scripts.discard(redis, keys.counter("RING", 0, COUNT), epoch=epoch + 1)

    assert free(redis, 0) == 10


def test_a_checkout_on_an_older_layout_is_not_written(shop, redis, session, ring):
    claim = claim_at(1)
    reserved = reserve(redis, claim)
    split(redis, 1)

    assert reserved.epochs != {"RING": shop.epoch("ring")}
    assert shop.levels("ring").reserved == 0


def test_with_a_waiting_room_it_has_one_counter(shop, redis, session, ring):
    with transaction() as opened:
        opened.execute(update(Product).values(has_waiting_room=True))
        stock.load(opened, redis, ["RING"], is_forced=True)

    assert shares(session) is None


def test_who_asks_for_a_turn_where_there_is_no_room_buys_at_once(shop, ring):
    answer = shop.customer().post("/api/v1/products/ring/waiting-room")

    assert (answer.status_code, answer.json["state"]) == (200, "open")


def repair(session, redis):
    found = suspicions(session, redis)
    assert found
    return reconciler.repair(redis, "RING", found["RING"], longest_ms=1_800_000)


def test_a_counter_with_another_number_is_repaired(shop, redis, session, ring):
    name = keys.counter("RING", 2, COUNT)
    redis.hset(keys.stock(name), "on_hand", 12)

    assert repair(session, redis) == [f"on_hand {name}"]

    assert values(session.execute(select(StockDrift.kind))) == [("on_hand",)]
    assert suspicions(session, redis) == {}
    assert shop.levels("ring") == Levels(UNITS, 0, 0)


def test_what_is_held_by_anothers_counter_is_repaired(shop, redis, session, ring):
    claim = shop.claim(order_at(shop, 1, 1).json["id"])
    own, other = (keys.counter("RING", number, COUNT) for number in (1, 3))
    member = keys.member(claim.id, 1, claim.buyer)
    deadline = redis.zscore(keys.reservations(own), member)
    redis.zrem(keys.reservations(own), member)
    redis.zadd(keys.reservations(other), {member: deadline})
    redis.hset(keys.stock(own), "reserved", 0)
    redis.hset(keys.stock(other), "reserved", 1)

    kinds = {name.partition(" ")[0] for name in repair(session, redis)}

    assert kinds == {"missing", "ended"}
    assert suspicions(session, redis) == {}
    books.check_holdings(books.look(session, redis, ["RING"])["RING"])


def test_the_shares_always_add_up_whoever_writes(session, ring):
    for change in ("stock_quantity = stock_quantity + 1", "on_hand_by_counter = '{50,-10}'"):
        with pytest.raises(IntegrityError, match="adds_up"):
            session.execute(text(f"UPDATE products SET {change}"))


def test_redis_may_be_lost_at_any_time(shop, redis, session, ring):
    assert [order_at(shop, number, 1).status_code for number in range(COUNT)] == [201] * COUNT

    redis.flushall()

    assert shop.levels("ring") == Levels(UNITS, COUNT, 0)
    assert suspicions(session, redis) == {}


def test_where_one_counter_is_lost_all_are_told_anew(shop, redis, session, ring):
    assert order_at(shop, 0, 1).status_code == 201
    redis.delete(*keys.of_products([keys.counter("RING", 0, COUNT)]))

    with pytest.raises(InsufficientStock):
        reserve(redis_client.redis(), claim_at(0, UNITS))

    assert shop.levels("ring") == Levels(UNITS, 1, 0)
