"""Many at once: one order for each key, and never a unit sold twice."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from app.orders.models import Order
from tests.checkout.steps import at_once, basket, reservations, send

CROWD = 8


def orders(session):
    return session.scalar(select(func.count(Order.id)))


@pytest.mark.parametrize("round_number", range(3))
def test_equal_requests_at_once_are_one_order_and_one_reservation(shop, session, round_number):
    shop.product("ring", 20)
    buyer = shop.customer()

    answers = at_once([lambda: send(buyer, basket(ring=2))] * CROWD)

    made = [r for r in answers if r.status_code == 201 and "Idempotency-Replayed" not in r.headers]
    replayed = [r for r in answers if r.headers.get("Idempotency-Replayed") == "true"]
    waiting = [r for r in answers if r.status_code == 409]
    assert (len(made), len(made + replayed + waiting)) == (1, CROWD)
    assert {r.json["id"] for r in made + replayed} == {made[0].json["id"]}
    assert {(r.json["code"], "Retry-After" in r.headers) for r in waiting} <= {
        ("request_in_flight", True)
    }
    assert orders(session) == 1
    assert reservations(session) == [(2, "pending")]
    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (2, 18)
    assert send(buyer, basket(ring=2)).json == made[0].json


def test_equal_requests_at_once_stay_one_order_while_redis_forgets_who_answers(
    shop, session, redis
):
    """The order's primary key is the last guard where no claim keeps the requests apart."""
    shop.product("ring", 20)
    buyer = shop.customer()
    shop.levels("ring")

    def buy_and_forget():
        for key in redis.scan_iter("request:*"):
            redis.delete(key)
        return send(buyer, basket(ring=2))

    answers = at_once([buy_and_forget] * CROWD)

    assert {r.status_code for r in answers} <= {201, 409}
    assert orders(session) == 1
    assert reservations(session) == [(2, "pending")]
    assert shop.levels("ring").reserved == 2


@pytest.mark.parametrize("round_number", range(3))
def test_the_last_unit_is_sold_to_one_of_many_buyers(shop, session, round_number):
    shop.product("ring", 1)
    buyers = [shop.customer() for _ in range(CROWD)]

    answers = at_once([lambda b=buyer: send(b, basket(ring=1)) for buyer in buyers])

    refusals = [r.json for r in answers if r.status_code != 201]
    assert Counter(r.status_code for r in answers) == {201: 1, 409: CROWD - 1}
    assert {refusal["code"] for refusal in refusals} == {"insufficient_stock"}
    assert [refusal["lines"] for refusal in refusals] == [
        [{"sku": "RING", "requested": 1, "available": 0}]
    ] * (CROWD - 1)
    assert orders(session) == 1
    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (1, 0)


def test_a_few_units_are_sold_to_as_many_and_no_more(shop, session):
    shop.product("ring", 3)
    shop.product("chain", 5)
    buyers = [shop.customer() for _ in range(CROWD)]

    answers = at_once([lambda b=buyer: send(b, basket(ring=1, chain=1)) for buyer in buyers])

    assert Counter(r.status_code for r in answers) == {201: 3, 409: CROWD - 3}
    assert [(shop.levels(n).reserved, shop.levels(n).available) for n in ("ring", "chain")] == [
        (3, 0),
        (3, 2),
    ]
    assert orders(session) == 3


def test_baskets_that_name_the_same_products_in_any_order_do_not_lock_each_other_out(shop, session):
    names = ("ring", "chain", "stud", "bangle")
    for name in names:
        shop.product(name, CROWD)
    buyers = [shop.customer() for _ in range(CROWD)]

    def buy(number, buyer):
        turned = names[number % 4 :] + names[: number % 4]
        return send(buyer, basket(**dict.fromkeys(turned, 1)))

    answers = at_once([lambda n=n, b=b: buy(n, b) for n, b in enumerate(buyers)])

    assert [r.status_code for r in answers] == [201] * CROWD
    assert [shop.levels(name).available for name in names] == [0] * 4


def test_units_that_are_cancelled_while_others_buy_are_sold_once(shop, session):
    shop.product("ring", 4)
    holders = [shop.customer() for _ in range(4)]
    held = [send(holder, basket(ring=1)).json["id"] for holder in holders]
    buyers = [shop.customer() for _ in range(4)]

    calls = [
        lambda h=h, o=o: h.post(f"/api/v1/orders/{o}/cancel", {})
        for h, o in zip(holders, held, strict=True)
    ]
    calls += [lambda b=b: send(b, basket(ring=1)) for b in buyers]
    answers = at_once(calls)

    sold = [r for r in answers[4:] if r.status_code == 201]
    assert [r.status_code for r in answers[:4]] == [200] * 4
    levels = shop.levels("ring")
    assert (levels.on_hand, levels.reserved, levels.available) == (4, len(sold), 4 - len(sold))
