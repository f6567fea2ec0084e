"""A coupon is given back with the order that had it, and taken again where that one lives on."""

from uuid import UUID

import pytest

from app.core.db import transaction
from app.coupons import coupons
from tests.coupons.till import buy, coupon, uses
from tests.payments.balance import assert_balanced
from tests.payments.purchase import Purchase, refunds, run_out
from workers.expiry import expire_orders


@pytest.fixture
def shop(shop):
    shop.product("ring", 9)
    coupon(shop, usage_limit=1)
    return shop


def purchase(shop):
    buyer = shop.customer()
    order_id = buy(buyer, "DIWALI", ring=2).json["id"]
    return Purchase(shop, buyer, order_id, buyer.open_payment(order_id))


def expired(session, bought):
    run_out(session, bought.order_id)
    expire_orders()


def cancelled(session, bought):
    bought.buyer.post(f"/api/v1/orders/{bought.order_id}/cancel")


ENDS = pytest.mark.parametrize("end", [expired, cancelled])


def pay(bought):
    bought.tell("payment.captured", bought.pay())
    bought.shop.work()


@ENDS
def test_an_order_that_ends_unpaid_gives_its_coupon_back_once(shop, session, end):
    bought = purchase(shop)
    assert buy(shop.customer(), "DIWALI", ring=1).json["code"] == "coupon_used_up"

    end(session, bought)
    end(session, bought)

    assert uses(session) == (0, 0, 0)
    assert buy(shop.customer(), "DIWALI", ring=1).status_code == 201


@ENDS
def test_a_use_that_was_given_back_leaves_those_of_others_alone(shop, session, end):
    bought = purchase(shop)
    end(session, bought)
    assert buy(shop.customer(), "DIWALI", ring=1).status_code == 201

    with transaction() as another:
        coupons.give_back(another, UUID(bought.order_id))

    assert uses(session) == (1, 1, 1)


@ENDS
def test_a_late_payer_has_the_coupon_again(shop, session, end):
    bought = purchase(shop)
    end(session, bought)

    pay(bought)

    assert bought.status == ("confirmed", "captured")
    assert uses(session) == (1, 1, 1)
    assert_balanced(session)


@ENDS
def test_a_late_payer_whose_coupon_is_somebody_elses_gets_the_money_back(shop, session, end):
    """A coupon of one use is not used twice by paying for an order that had let it go."""
    bought = purchase(shop)
    end(session, bought)
    rival = purchase(shop)

    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()

    assert bought.status[1] == "refunded"
    assert refunds(session) == [(paid, 185_400, "processed", "coupon_used_up")]
    assert uses(session) == (1, 1, 1)
    pay(rival)
    assert rival.status == ("confirmed", "captured")
    assert (shop.on_hand("ring"), shop.levels("ring").available) == (7, 7)
    assert_balanced(session)


def test_paying_in_time_leaves_the_coupon_used(shop, session):
    pay(purchase(shop))

    assert uses(session) == (1, 1, 1)


def test_a_confirmed_order_that_is_cancelled_gives_it_back_with_its_last_unit(shop, session):
    bought = purchase(shop)
    pay(bought)
    give_up = f"/api/v1/orders/{bought.order_id}/cancel-units"

    one = {"reference": "a", "lines": [{"sku": "RING", "quantity": 1}]}
    assert bought.buyer.post(give_up, one).status_code == 200
    assert uses(session) == (1, 1, 1)
    assert bought.buyer.post(give_up, one | {"reference": "b"}).json["status"] == "cancelled"
    assert uses(session) == (0, 0, 0)
    shop.work()

    # What was paid goes back in two parts, discount and tax included, to the paisa.
    assert sorted(amount for _, amount, *_ in refunds(session)) == [92_700, 92_700]
    assert_balanced(session)


def test_a_promise_to_pay_at_the_door_needs_the_coupon_too(shop, session):
    bought = purchase(shop)
    assert uses(session) == (1, 1, 1)

    response = bought.buyer.post(
        f"/api/v1/orders/{bought.order_id}/payments", {"gateway": "cash_on_delivery"}
    )

    assert response.status_code == 200
    assert bought.status[0] == "confirmed"
    assert uses(session) == (1, 1, 1)
