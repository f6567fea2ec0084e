"""Attacks on what is bought and for how much: quantities, prices, coupons, races for stock."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from app.catalog.models import Product
from app.inventory.terms import Levels
from app.orders.models import Order
from tests.builders import ADDRESS
from tests.checkout.steps import basket, deadline_ms, send
from tests.coupons.till import buy, coupon, rupees, uses
from tests.failures.together import all_at_once, finish
from tests.payments.balance import assert_balanced
from tests.payments.purchase import given_back, purchase, sales
from tests.races.length import is_long
from tests.returns.steps import ask, decide, deliver, receive
from tests.treasury.money import findings

QUOTE = "/api/v1/checkout/quote"


@pytest.fixture
def buyer(shop):
    shop.product("ring", 5)
    return shop.customer()


def order_count(session):
    return session.scalar(select(func.count()).select_from(Order))


@pytest.mark.parametrize("quantity", [-5, 0, 10**9, "1", True, 1.5, None])
def test_attack_15_a_quantity_that_is_none(shop, session, buyer, quantity):
    lines = {"lines": [{"sku": "RING", "quantity": quantity}]}

    tried = [
        buyer.put("/api/v1/cart/items/RING", {"quantity": quantity}),
        send(buyer, basket(ring=1) | lines),
        buyer.post(QUOTE, lines),
    ]

    assert [answer.status_code for answer in tried] == [422, 422, 422]
    assert order_count(session) == 0
    assert buyer.get("/api/v1/cart").json["lines"] == []


def test_attack_16_one_product_on_two_lines(shop, buyer):
    split = [{"sku": "RING", "quantity": n} for n in (3, 3)]

    refused = send(buyer, basket() | {"lines": split})
    taken = send(buyer, basket() | {"lines": [split[0], {"sku": "RING", "quantity": 1}]}, "other")

    assert (refused.status_code, refused.json["code"]) == (409, "insufficient_stock")
    assert [line["quantity"] for line in taken.json["lines"]] == [4]
    assert shop.levels("ring").reserved == 4


@pytest.mark.parametrize(
    "named",
    [{"total": rupees(1)}, {"discount": rupees(999)}, {"shipping_fee": rupees(-50)},
     {"lines": [{"sku": "RING", "quantity": 1, "unit_price": rupees(1)}]}],
    ids=str,
)  # fmt: skip
def test_attack_17_a_price_of_the_buyers_own(session, buyer, named):
    assert send(buyer, basket(ring=1) | named).status_code == 422
    assert order_count(session) == 0

    order = send(buyer, basket(ring=1)).json
    opened = buyer.post(f"/api/v1/orders/{order['id']}/payments", {"amount": 100})
    assert opened.status_code == 422
    assert session.scalar(select(Order.total)) == 103_000


def test_attack_18_a_cart_that_grows_while_it_is_paid(shop, session, buyer):
    buyer.put("/api/v1/cart/items/RING", {"quantity": 1})
    bought = purchase(shop, buyer)
    buyer.put("/api/v1/cart/items/RING", {"quantity": 4})

    again = buyer.open_payment(bought.order_id)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    assert again["amount"] == bought.total == 103_000
    assert bought.status == ("confirmed", "captured")
    assert [units for _, units in sales(session)] == [-1]


def test_attack_19_a_coupon_for_one_used_by_fifty_at_once(shop, session):
    shop.product("ring", 60)
    coupon(shop, usage_limit=1)
    buyers = [shop.customer() for _ in range(50)]

    def using(who):
        def use():
            answer = buy(who, "DIWALI", key="k", ring=1)
            while answer.status_code == 503:
                answer = buy(who, "DIWALI", key="k", ring=1)
            return answer.status_code

        return use

    answers = Counter(all_at_once([using(who) for who in buyers]))

    assert answers == {201: 1, 409: 49}
    assert uses(session) == (1, 1, 1)
    assert shop.levels("ring").reserved == 1


def test_attack_20_a_coupon_for_each_used_again_by_one(shop, session, buyer):
    coupon(shop, usage_limit_per_customer=1)

    first = buy(buyer, "DIWALI", ring=1)
    second = buy(buyer, "diwali", ring=1)
    at_once = all_at_once([lambda key=key: buy(buyer, "DIWALI", key, ring=1) for key in "abcd"])

    assert first.status_code == 201
    assert (second.status_code, second.json["code"]) == (409, "coupon_used_up")
    assert {answer.status_code for answer in at_once} <= {409, 503}
    assert uses(session) == (1, 1, 1)


def test_attack_21_coupons_on_top_of_each_other_or_over(shop, session, buyer):
    coupon(shop)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    coupon(shop, "OVER", starts_at="2020-01-01T00:00:00Z", ends_at=yesterday)

    tried = [buy(buyer, code, ring=1) for code in (["DIWALI", "DIWALI"], "DIWALI,DIWALI", "OVER")]
    more = send(buyer, basket(ring=1) | {"coupon_codes": ["DIWALI", "DIWALI"]})

    assert [answer.status_code for answer in (*tried, more)] == [422] * 4
    assert order_count(session) == 0


def test_attack_22_what_leaves_after_the_coupon_was_counted(shop, session, buyer):
    """A coupon is judged by what is ordered; what is given up goes back at the price paid."""
    coupon(shop, minimum_subtotal=rupees(2_000))
    buyer.put("/api/v1/cart/items/RING", {"quantity": 2})
    assert buyer.post(QUOTE, {"coupon_code": "DIWALI"}).json["discount"] == rupees(200)
    buyer.put("/api/v1/cart/items/RING", {"quantity": 1})

    assert buyer.post(QUOTE, {"coupon_code": "DIWALI"}).json["reason"] == "below_minimum"
    refused = buyer.post(
        "/api/v1/checkout", {"shipping_address": ADDRESS, "coupon_code": "DIWALI"},
        Idempotency_Key="k",
    )  # fmt: skip
    assert (refused.status_code, order_count(session)) == (422, 0)

    order_id = buy(buyer, "DIWALI", ring=2).json["id"]
    opened = buyer.open_payment(order_id)
    paid = shop.capture(opened)["razorpay_payment_id"]
    shop.work()
    body = {"reference": "once", "lines": [{"sku": "RING", "quantity": 1}]}
    assert buyer.post(f"/api/v1/orders/{order_id}/cancel-units", body).status_code == 200
    shop.work()

    assert opened["amount"] == 185_400
    assert given_back(shop, paid) == [(92_700, "processed")]


def test_attack_23_free_shipping_by_what_is_sent_back(shop, session):
    """No fee was paid, so none goes back, whatever part of the order does."""
    shop.product("ring", 5)
    staff = shop.customer(role="staff")
    bought = deliver(shop, staff, purchase(shop, ring=2))
    assert bought.buyer.order(bought.order_id)["shipping_fee"] == rupees(0)

    for number in (1, 2):
        return_id = ask(bought, reason="damaged", ring=1).json["id"]
        decide(staff, return_id)
        receive(staff, return_id, ("ring", 1, "restock"))
        shop.work()
        parts = [amount for amount, _ in given_back(shop, bought.payment_id)]
        assert parts == [103_000] * number

    assert sum(parts) == bought.total
    assert findings(session) == []


def test_attack_24_all_units_held_by_who_never_pays(shop, session, redis):
    """One has no more than the limit, for no longer than one extension."""
    shop.product("ring", 5, purchase_limit=2)
    hoarder = shop.customer()

    got = [send(hoarder, basket(ring=1), f"k{n}").status_code for n in range(5)]
    assert got == [201, 201, 409, 409, 409]
    assert shop.levels("ring").available == 3

    order_id = session.scalars(select(Order.id)).first()
    opened = hoarder.open_payment(str(order_id))
    deadlines = []
    for _ in range(3):
        proof = shop.gateway.pay(opened["razorpay_order_id"], "failed")
        assert hoarder.post("/api/v1/payments/verify", proof).status_code == 200
        deadlines.append(deadline_ms(redis, "ring", order_id))
    assert len(set(deadlines)) == 1


def test_attack_25_a_cancellation_races_the_capture(shop, session):
    rounds = 200 if is_long() else 20
    shop.product("ring", rounds + 5)
    ended = Counter()

    for _ in range(rounds):
        bought = purchase(shop, ring=1)
        told = bought.event("payment.captured", paid := bought.pay())
        all_at_once([
            lambda b=bought: b.buyer.post(f"/api/v1/orders/{b.order_id}/cancel", {}),
            lambda t=told: (shop.deliver(t), shop.work("webhooks")),
        ])  # fmt: skip
        finish(shop, session)
        ended[bought.status] += 1
        back = [amount for amount, _ in given_back(shop, paid)]
        assert back == ([] if bought.status[0] == "confirmed" else [bought.total])

    assert set(ended) <= {("confirmed", "captured"), ("cancelled", "refunded")}
    kept = ended["confirmed", "captured"]
    assert sum(ended.values()) == rounds
    assert shop.levels("ring") == Levels(rounds + 5 - kept, 0, 0)
    assert shop.on_hand("ring") == rounds + 5 - kept
    assert_balanced(session)


def test_attack_26_two_returns_of_one_unit(shop):
    shop.product("ring", 5)
    bought = deliver(shop, shop.customer(role="staff"), purchase(shop, ring=1))

    at_once = Counter(a.status_code for a in all_at_once([lambda: ask(bought, ring=1)] * 6))
    more = ask(bought, ring=1)

    assert at_once[201] == 1
    assert set(at_once) <= {201, 409, 422, 503}
    assert more.status_code in (409, 422)
    assert len(bought.buyer.get("/api/v1/returns").json["items"]) == 1


def test_attack_27_a_key_used_again_for_something_else(shop, session, buyer):
    first = send(buyer, basket(ring=1) | {"notes": "For my mother."})

    other_body = send(buyer, basket(ring=2))
    other_buyer = send(shop.customer(), basket(ring=1) | {"notes": "For my mother."})

    assert (other_body.status_code, other_body.json["code"]) == (422, "idempotency_key_reused")
    assert other_buyer.status_code == 201
    assert "Idempotency-Replayed" not in other_buyer.headers
    assert other_buyer.json["id"] != first.json["id"]
    assert first.json["id"] not in other_body.text
    assert order_count(session) == 2


def test_attack_28_a_price_that_changes_under_the_buyer(session, buyer):
    body = basket(ring=1) | {"expected_total": rupees(1_030)}
    session.execute(update(Product).values(price=90_000))

    answer = send(buyer, body)

    assert (answer.status_code, answer.json["code"]) == (409, "price_changed")
    assert order_count(session) == 0
