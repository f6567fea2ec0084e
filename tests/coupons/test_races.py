"""The last use of a coupon, wanted by many at once."""

from threading import Barrier

import pytest

from app.coupons import coupons
from app.coupons.models import Coupon, CouponCustomer
from tests.checkout.steps import at_once
from tests.coupons.till import buy, coupon, uses
from tests.payments.purchase import run_out
from workers.expiry import expire_orders

CROWD = 12


@pytest.mark.parametrize("round_number", range(3))
def test_one_of_many_has_the_last_use(shop, session, round_number):
    shop.product("ring", 50)
    coupon(shop, usage_limit=1)
    buyers = [shop.customer() for _ in range(CROWD)]

    answers = at_once([lambda b=buyer: buy(b, "DIWALI", ring=1) for buyer in buyers])

    assert sorted(a.status_code for a in answers) == [201] + [409] * (CROWD - 1)
    assert {a.json.get("code") for a in answers} == {None, "coupon_used_up"}
    assert uses(session) == (1, 1, 1)
    assert (shop.levels("ring").reserved, shop.levels("ring").available) == (1, 49)


@pytest.mark.parametrize("round_number", range(3))
def test_a_customer_does_not_have_it_twice_by_asking_at_once(shop, session, round_number):
    shop.product("ring", 50)
    coupon(shop, usage_limit_per_customer=2)
    buyer = shop.customer()

    answers = at_once([lambda: buy(buyer, "DIWALI", ring=1)] * CROWD)

    assert sorted(a.status_code for a in answers) == [201] * 2 + [409] * (CROWD - 2)
    assert uses(session) == (2, 2, 2)
    assert shop.levels("ring").reserved == 2


def test_uses_taken_and_given_back_at_once_are_all_counted(shop, session):
    shop.product("ring", 50)
    coupon(shop)
    buyer = shop.customer()
    placed = [buy(buyer, "DIWALI", ring=1).json["id"] for _ in range(CROWD // 2)]

    at_once(
        [lambda: buy(buyer, "DIWALI", ring=1)] * (CROWD // 2)
        + [lambda o=order_id: buyer.post(f"/api/v1/orders/{o}/cancel") for order_id in placed]
    )

    assert uses(session) == (CROWD // 2,) * 3


@pytest.mark.parametrize("round_number", range(3))
def test_cancelled_and_expired_at_once_it_is_given_back_once(shop, session, round_number):
    shop.product("ring", 50)
    coupon(shop)
    buyer = shop.customer()
    kept, ended = (buy(buyer, "DIWALI", ring=1).json["id"] for _ in range(2))

    def cancel():
        return buyer.post(f"/api/v1/orders/{ended}/cancel")

    run_out(session, ended)
    at_once([cancel, expire_orders, cancel, expire_orders])

    assert buyer.order(kept)["status"] == "pending"
    assert uses(session) == (1, 1, 1)


def test_without_the_lock_uses_are_lost(shop, session, monkeypatch):
    """The negative control: two read the same count, and one of the uses is not counted."""
    shop.product("ring", 50)
    coupon(shop)
    buyers = [shop.customer() for _ in range(2)]
    real = coupons._lock

    def look_only(opened, coupon_id, user_id):
        customer = opened.get(CouponCustomer, (coupon_id, user_id))
        found = opened.get(Coupon, coupon_id)
        together.wait(timeout=30)
        return customer, found

    together = Barrier(2)
    monkeypatch.setattr(coupons, "_lock", look_only)
    at_once([lambda b=buyer: buy(b, "DIWALI", ring=1) for buyer in buyers])
    monkeypatch.setattr(coupons, "_lock", real)

    by_itself, _, by_orders = uses(session)
    assert (by_itself, by_orders) == (1, 2)
