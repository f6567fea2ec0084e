"""A product that is split over counters is sold as one: to the last unit, whoever asks where."""

from uuid import uuid4

import pytest

from app.checkout import confirm
from app.core.db import transaction
from app.core.problems import ServiceUnavailable
from app.inventory import (
    adjustments,
    gathering,
    keys,
    ledger,
    reservations,
    scripts,
    stock,
)
from app.inventory.adjustments import Change
from app.inventory.errors import PurchaseLimitExceeded
from app.inventory.terms import Booking, Claim, Levels
from tests.inventory.split.quarters import (
    COUNT,
    UNITS,
    claim_at,
    free,
    order_at,
    paid_at,
    reserve,
    shares,
    split,
    suspicions,
)
from tests.payments.purchase import purchase


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


@pytest.mark.parametrize("number", range(COUNT))
def test_units_of_a_paid_order_that_is_cancelled_are_on_sale_again(
    shop, redis, session, ring, number
):
    bought = paid_at(shop, number, 3)

    answer = bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel")

    assert answer.status_code == 200
    assert shop.levels("ring") == Levels(UNITS, 0, 0)
    assert suspicions(session, redis) == {}


@pytest.mark.parametrize("reason", [None, "worn"])
@pytest.mark.parametrize("number", range(COUNT))
def test_units_that_come_back_are_on_sale_again_or_written_off(
    shop, redis, session, ring, number, reason
):
    bought, booking = paid_at(shop, number, 3), Booking("return", "asha")

    with transaction() as opened:
        order_id = shop.claim(bought.order_id).id
        back = ledger.restock(opened, order_id, {"RING": 2}, booking, written_off=reason)
    confirm.settle_units(back)

    on_hand = UNITS - 3 if reason else UNITS - 1
    assert shop.levels("ring") == Levels(on_hand, 0, 0)
    assert sum(shares(session)) == on_hand
    assert suspicions(session, redis) == {}
