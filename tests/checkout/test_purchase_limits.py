"""How many units of a product one customer may have, pending and paid."""

import pytest

from app.core.db import transaction
from app.inventory import ledger, reservations, stock
from app.inventory.errors import UnknownSku
from app.inventory.terms import Booking
from tests.checkout.steps import let_time_run_out
from tests.payments.purchase import expire, purchase, refunds, run_out


@pytest.fixture
def buyer(shop):
    """A customer of a shop that sells two rings, and no more, to each."""
    shop.product("ring", 9, purchase_limit=2)
    shop.product("chain", 9)
    return shop.customer()


def limited(response):
    assert (response.status_code, response.json["code"]) == (409, "purchase_limit_exceeded")
    return response.json["lines"]


def paid(shop, buyer, **lines):
    bought = purchase(shop, buyer, **lines)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    assert bought.status == ("confirmed", "captured")
    return bought


def test_nobody_gets_more_than_the_limit_in_one_order(shop, buyer):
    refused = buyer.check_out(ring=3, chain=3)

    assert limited(refused) == [{"sku": "RING", "requested": 3, "allowed": 2}]
    assert (shop.levels("ring").reserved, shop.levels("chain").reserved) == (0, 0)
    assert buyer.check_out(ring=2, chain=3).status_code == 201


def test_nor_in_several(shop, buyer):
    assert buyer.check_out(ring=1).status_code == 201

    assert limited(buyer.check_out(ring=2)) == [{"sku": "RING", "requested": 2, "allowed": 1}]
    assert buyer.check_out(ring=1).status_code == 201
    assert limited(buyer.check_out(ring=1)) == [{"sku": "RING", "requested": 1, "allowed": 0}]


def test_each_customer_has_a_limit_of_their_own(shop, buyer):
    assert buyer.check_out(ring=2).status_code == 201
    assert shop.customer().check_out(ring=2).status_code == 201


def test_the_same_request_again_is_no_second_purchase(buyer):
    first = buyer.check_out("key", ring=2)

    assert buyer.check_out("key", ring=2).json == first.json


def test_what_is_paid_for_counts_too(shop, buyer):
    paid(shop, buyer, ring=1)

    assert limited(buyer.check_out(ring=2)) == [{"sku": "RING", "requested": 2, "allowed": 1}]


@pytest.mark.parametrize("forgetting", [False, True], ids=["", "after Redis lost everything"])
def test_what_is_cancelled_is_given_back(shop, redis, buyer, forgetting):
    order = buyer.check_out(ring=2).json
    if forgetting:
        redis.flushall()

    buyer.post(f"/api/v1/orders/{order['id']}/cancel")

    assert buyer.check_out(ring=2).status_code == 201


@pytest.mark.parametrize("is_closed", [False, True], ids=["before", "after"])
def test_what_runs_out_is_given_back_before_and_after_its_order_is_closed(
    shop, session, redis, buyer, is_closed
):
    order = buyer.check_out(ring=2).json["id"]
    if is_closed:
        expire(session, order)
    else:
        let_time_run_out(session, redis, order, "ring")

    assert buyer.check_out(ring=2).status_code == 201


def test_what_comes_back_is_given_back(shop, session, redis, buyer):
    bought = paid(shop, buyer, ring=2)

    with transaction() as opened:
        booking = Booking("return-1", "asha")
        claim = ledger.restock(opened, shop.claim(bought.order_id).id, {"RING": 1}, booking)
        numbers = ledger.numbers(opened, ["RING"], buyer=claim.buyer)
    ledger.settle(redis, claim, numbers)

    assert limited(buyer.check_out(ring=2)) == [{"sku": "RING", "requested": 2, "allowed": 1}]
    assert buyer.check_out(ring=1).status_code == 201


def test_a_redis_that_lost_everything_counts_from_postgres(shop, redis, buyer):
    paid(shop, buyer, ring=1)
    assert buyer.check_out(ring=1).status_code == 201

    redis.flushall()

    assert limited(buyer.check_out(ring=1)) == [{"sku": "RING", "requested": 1, "allowed": 0}]


def test_a_late_payment_above_the_limit_goes_back(shop, session, buyer):
    late = purchase(shop, buyer, ring=2)
    run_out(session, late.order_id)
    assert buyer.check_out(ring=1).status_code == 201

    payment_id = late.pay()
    late.tell("payment.captured", payment_id)
    shop.work()

    assert late.status == ("pending", "refunded")
    assert refunds(session) == [(payment_id, late.total, "processed", "purchase_limit")]
    assert shop.levels("ring").committed == 0


def test_a_limit_that_is_set_later_counts_what_was_bought_before(shop, redis, buyer):
    paid(shop, buyer, chain=2)
    assert buyer.check_out(chain=1).status_code == 201

    stock.set_purchase_limit(redis, "CHAIN", 4)

    assert limited(buyer.check_out(chain=2)) == [{"sku": "CHAIN", "requested": 2, "allowed": 1}]
    stock.set_purchase_limit(redis, "CHAIN", 0)
    assert buyer.check_out(chain=5).status_code == 201


def test_a_limit_below_what_somebody_has_takes_nothing_away(shop, redis, buyer):
    order = buyer.check_out(chain=3).json

    stock.set_purchase_limit(redis, "CHAIN", 1)

    assert limited(buyer.check_out(chain=1)) == [{"sku": "CHAIN", "requested": 1, "allowed": 0}]
    assert buyer.order(order["id"])["status"] == "pending"
    reservations.commit(redis, shop.claim(order["id"]))


def test_a_limit_of_a_product_that_nobody_has_is_refused(shop, redis, buyer):
    with pytest.raises(UnknownSku):
        stock.set_purchase_limit(redis, "NOSUCH", 1)


def test_the_limit_is_told_with_the_product(buyer):
    assert buyer.get("/api/v1/products/ring").json["purchase_limit"] == 2
    assert buyer.get("/api/v1/products/chain").json["purchase_limit"] == 0


def test_a_line_that_is_short_is_told_before_one_above_the_limit(buyer):
    refused = buyer.check_out(ring=3, chain=10)

    assert refused.json["code"] == "insufficient_stock"
    assert refused.json["lines"] == [{"sku": "CHAIN", "requested": 10, "available": 9}]
