"""Coupons as customers use them: quoted, claimed with the order, refused with a reason."""

import pytest
from sqlalchemy import select, update

from app.accounts.models import SignedInSession, User
from app.catalog.models import Product
from app.checkout import placement
from app.coupons.models import Coupon
from app.orders.models import Order
from tests.builders import ADDRESS
from tests.coupons.till import PATH, buy, coupon, rupees, uses

LONG_AGO, LONG_AFTER = "2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z"


@pytest.fixture
def buyer(shop):
    shop.product("ring", 5)
    shop.product("pin", 5, price=50)
    return shop.customer()


def test_a_percentage_is_taken_off_before_tax(shop, buyer, session):
    coupon(shop)

    order = buy(buyer, "DIWALI", ring=2).json

    assert (order["coupon_code"], order["discount"]) == ("DIWALI", rupees(200))
    [line] = order["lines"]
    assert (line["discount"], line["tax"], line["total"]) == (
        rupees(200), rupees(54), rupees(1854),
    )  # fmt: skip
    assert (order["subtotal"], order["tax"], order["total"]) == (
        rupees(2000), rupees(54), rupees(1854),
    )  # fmt: skip
    assert buyer.order(order["id"]) == order
    assert buyer.open_payment(order["id"])["amount"] == 185_400
    assert uses(session) == (1, 1, 1)


def test_an_amount_is_spread_over_the_lines_to_the_paisa(shop, buyer):
    shop.product("chain", 5, price=33_333)
    coupon(shop, amount=rupees(100))

    order = buy(buyer, "diwali", ring=1, chain=1).json

    shares = [line["discount"]["amount"] for line in order["lines"]]
    assert shares == [2_499, 7_501]
    assert order["discount"] == rupees(100)
    for line in order["lines"]:
        net = line["unit_price"]["amount"] * line["quantity"] - line["discount"]["amount"]
        assert line["total"]["amount"] == net + line["tax"]["amount"]
    assert order["total"]["amount"] == sum(line["total"]["amount"] for line in order["lines"])


def test_no_more_than_the_maximum_is_taken_off(shop, buyer):
    coupon(shop, basis_points=5_000, maximum_discount=rupees(150))

    assert buy(buyer, "DIWALI", ring=1).json["discount"] == rupees(150)


def test_a_rupee_is_always_left_to_pay(shop, buyer):
    coupon(shop, amount=rupees(5_000))

    order = buy(buyer, "DIWALI", ring=1).json
    assert (order["discount"], order["shipping_fee"]) == (rupees(999), rupees(50))
    # Half a rupee's worth of goods is left as it is.
    assert buy(buyer, "DIWALI", pin=1).json["discount"] == rupees(0)


def test_what_is_left_after_the_discount_decides_about_shipping(shop, buyer):
    coupon(shop)

    assert buy(buyer, None, ring=1).json["shipping_fee"] == rupees(0)
    assert buy(buyer, "DIWALI", ring=1).json["shipping_fee"] == rupees(50)


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        ({"code": "OTHER"}, "unknown"),
        ({"starts_at": LONG_AFTER}, "not_begun"),
        ({"starts_at": LONG_AGO, "ends_at": "2020-01-02T00:00:00Z"}, "over"),
        ({"is_active": False}, "over"),
        ({"minimum_subtotal": rupees(1001)}, "below_minimum"),
    ],
)
def test_a_coupon_that_does_not_hold_is_refused_with_its_reason(
    shop, buyer, session, terms, reason
):
    coupon(shop, **terms)

    for response in (
        buy(buyer, "DIWALI", ring=1),
        buyer.post(
            "/api/v1/checkout/quote",
            {"lines": [{"sku": "RING", "quantity": 1}], "coupon_code": "DIWALI"},
        ),
    ):
        assert response.status_code == 422
        assert (response.json["code"], response.json["reason"]) == ("coupon_refused", reason)
        assert response.json["errors"][0]["pointer"] == "#/coupon_code"
    assert session.scalars(select(Order.id)).all() == []
    assert shop.levels("ring").reserved == 0


@pytest.mark.parametrize("code", ["", "a b", "x", ["A10", "B10"], 7, "Ä10", "A" * 41])
def test_what_is_no_code_is_refused_as_such(buyer, code):
    response = buy(buyer, code, ring=1)

    assert response.status_code == 422
    assert response.json["errors"][0]["pointer"].startswith("#/coupon_code")


def test_a_limit_counts_for_everybody_and_one_for_each(shop, buyer, session):
    coupon(shop, usage_limit=2, usage_limit_per_customer=1)

    assert buy(buyer, "DIWALI", ring=1).status_code == 201
    again = buy(buyer, "DIWALI", ring=1)
    assert (again.status_code, again.json["code"], again.json["by"]) == (
        409, "coupon_used_up", "you",
    )  # fmt: skip
    assert buy(shop.customer(), "DIWALI", ring=1).status_code == 201
    late = buy(shop.customer(), "DIWALI", ring=1)
    assert (late.status_code, late.json["by"]) == (409, "everybody")
    assert uses(session) == (2, 2, 2)
    assert shop.levels("ring").reserved == 2


def test_a_repeated_checkout_uses_its_coupon_once(shop, buyer, session):
    coupon(shop, usage_limit=1)

    first = buy(buyer, "DIWALI", key="k", ring=1)
    again = buy(buyer, "DIWALI", key="k", ring=1)

    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert buy(buyer, None, key="k", ring=1).json["code"] == "idempotency_key_reused"
    assert uses(session) == (1, 1, 1)


def test_a_quote_is_what_the_checkout_asks(shop, buyer, session):
    coupon(shop)
    buyer.put("/api/v1/cart/items/RING", {"quantity": 2})

    quote = buyer.post("/api/v1/checkout/quote", {"coupon_code": "DIWALI"}).json
    body = {
        "shipping_address": ADDRESS, "coupon_code": "DIWALI", "expected_total": quote["total"],
    }  # fmt: skip
    order = buyer.post("/api/v1/checkout", body, Idempotency_Key="k")

    assert order.status_code == 201
    for name in ("subtotal", "discount", "tax", "shipping_fee", "total"):
        assert order.json[name] == quote[name]
    assert quote["lines"][0]["discount"] == rupees(200)
    assert uses(session) == (1, 1, 1)


def test_an_empty_cart_has_no_quote(buyer):
    assert buyer.post("/api/v1/checkout/quote").json["code"] == "cart_empty"


def test_terms_that_change_while_an_order_is_written_are_the_orders(
    shop, buyer, session, monkeypatch
):
    """The price was made by 10 %; before it was written, the coupon became one of 20 %."""
    coupon(shop)
    place, turned = placement.coupons.claim, []

    def change_first(claiming, *args, **named):
        if not turned:
            turned.append(True)
            change = {"revision": 1, "basis_points": 2_000}
            changed = shop.customer(role="admin").patch(f"{PATH}/DIWALI", change)
            assert changed.status_code == 200
        return place(claiming, *args, **named)

    monkeypatch.setattr(placement.coupons, "claim", change_first)

    assert buy(buyer, "DIWALI", ring=1).json["discount"] == rupees(200)
    assert uses(session) == (1, 1, 1)


def test_a_price_that_changes_while_an_order_is_written_uses_the_coupon_once(shop, buyer, session):
    coupon(shop)
    assert buy(buyer, "DIWALI", ring=1).json["discount"] == rupees(100)
    # The process has the old price in mind; the statement finds the new one.
    session.execute(update(Product).where(Product.sku == "RING").values(price=200_000))

    assert buy(buyer, "DIWALI", ring=1).json["discount"] == rupees(200)
    assert uses(session) == (2, 2, 2)


def test_an_account_that_is_gone_is_told_so(shop, buyer, session):
    coupon(shop)
    session.execute(SignedInSession.__table__.delete())
    session.execute(User.__table__.delete().where(User.id == buyer.id))

    assert buy(buyer, "DIWALI", ring=1).json["code"] == "session_ended"
    assert shop.levels("ring").reserved == 0
    assert session.scalars(select(Coupon.uses)).one() == 0
