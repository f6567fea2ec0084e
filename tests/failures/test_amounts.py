"""Amounts that were a paisa short, changed between cart and payment, or never what was asked."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from app.alerts.models import Alert
from app.catalog.models import Product
from app.config import load_settings
from app.core.money import rupees
from app.treasury import audit
from tests.builders import values
from tests.failures.account import account
from tests.failures.soundness import assert_sound
from tests.messages.post import read
from tests.payments.purchase import events, given_back, purchase, refunds, sales

# In floats int(x * 100) makes 114, 434 and 1998 of these.
PRICES = pytest.mark.parametrize("price", [115, 435, 1_999])
WRITTEN = {
    115: "₹1.15", 345: "₹3.45", 805: "₹8.05",
    435: "₹4.35", 1_305: "₹13.05", 3_045: "₹30.45",
    1_999: "₹19.99", 5_997: "₹59.97", 13_993: "₹139.93",
}  # fmt: skip


@pytest.fixture
def sold_as_priced(app, monkeypatch):
    """Nothing is added for shipping, so that every paisa is the product's."""
    settings = app.config["ORA"].model_copy(update={"shipping_fee": 0})
    monkeypatch.setitem(app.config, "ORA", settings)


def money(amount):
    return {"amount": amount, "currency": "INR"}


def letter(order_id):
    """Read what the buyer was written."""
    folder = Path(urlsplit(load_settings().mail_url).path)
    [path] = folder.glob(f"order.confirmed.{order_id}.*.eml")
    return read(path.read_bytes()).get_body(("plain",)).get_content()


def orders_at_gateway(shop, bought):
    return [
        (order["amount"], order["amount_paid"], order["amount_due"], order["currency"])
        for order in shop.gateway.books()["orders"]
        if order["id"] == bought.opened["razorpay_order_id"]
    ]


@PRICES
@pytest.mark.parametrize("quantity", [1, 3, 7])
def test_what_a_price_says_is_what_the_gateway_takes_to_the_paisa(
    shop, session, sold_as_priced, price, quantity
):
    """frappe/payments#62, PR#32, PR#248; razorpay-magento#16; whmcs#72"""
    shop.product("stud", 9, price=price, tax_basis_points=0)
    buyer = shop.customer()
    total = price * quantity
    assert buyer.get("/api/v1/products/stud").json["price"] == money(price)
    buyer.put("/api/v1/cart/items/STUD", {"quantity": quantity})
    assert buyer.get("/api/v1/cart").json["total"] == money(total)

    bought = purchase(shop, buyer)
    order = buyer.order(bought.order_id)
    assert (order["lines"][0]["unit_price"], order["total"]) == (money(price), money(total))
    assert (bought.opened["amount"], orders_at_gateway(shop, bought)) == (
        total, [(total, 0, total, "INR")],
    )  # fmt: skip
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert orders_at_gateway(shop, bought) == [(total, total, 0, "INR")]
    assert audit.totals(session) == audit.Totals(total, 0, 0, total)
    assert f"Total       {WRITTEN[total]}" in letter(bought.order_id)
    assert_sound(shop, session)


@PRICES
def test_tax_and_shipping_are_whole_paise_as_well(shop, session, price):
    """razorpay-magento#16: the sum of rounded parts is what is asked for"""
    shop.product("stud", 9, price=price)
    bought = purchase(shop, stud=3)
    order = bought.buyer.order(bought.order_id)
    # 3 % of 3.45, 13.05 and 59.97 rupees, half a paisa upwards.
    tax = {115: 10, 435: 39, 1_999: 180}[price]
    total = 3 * price + tax + 5_000

    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()

    assert [order[name] for name in ("subtotal", "tax", "shipping_fee", "total")] == [
        money(3 * price), money(tax), money(5_000), money(total),
    ]  # fmt: skip
    assert orders_at_gateway(shop, bought) == [(total, total, 0, "INR")]
    assert bought.status == ("confirmed", "captured")
    assert_sound(shop, session)


@PRICES
def test_what_goes_back_is_to_the_paisa_as_well(shop, session, sold_as_priced, price):
    """frappe/payments#62: refunds are amounts too"""
    shop.product("stud", 9, price=price, tax_basis_points=0)
    bought = purchase(shop, stud=3)
    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()
    boss = shop.customer(role="admin")
    path = f"/api/v1/admin/payments/{bought.opened['payment_id']}/refunds"

    in_floats = boss.post(path, {"amount": price / 100, "reason": "float", "reference": "r-0"})
    first = boss.post(path, {"amount": 101, "reason": "a part", "reference": "r-1"})
    second = boss.post(path, {"reason": "the rest", "reference": "r-2"})
    shop.work()

    assert [answer.status_code for answer in (in_floats, first, second)] == [422, 202, 202]
    assert given_back(shop, paid) == [(101, "processed"), (3 * price - 101, "processed")]
    assert bought.status == ("confirmed", "refunded")
    assert_sound(shop, session, **{paid: [101, 3 * price - 101]})


@pytest.mark.parametrize("amount", [1.15, 115.0, "115", None, True])
def test_an_event_in_which_the_amount_is_no_whole_number_pays_for_nothing(
    shop, session, sold_as_priced, amount
):
    """frappe/payments PR#248"""
    shop.product("stud", 9, price=115, tax_basis_points=0)
    bought = purchase(shop, stud=1)
    paid = bought.pay()

    bought.tell("payment.captured", paid, amount=amount)
    shop.work()
    assert events(session) == [
        ("payment.captured", "failed", "amount is not a positive whole number")
    ]
    assert bought.status == ("pending", "pending")

    bought.tell("order.paid", paid)
    shop.work()
    assert bought.status == ("confirmed", "captured")
    assert_sound(shop, session)


def test_a_cart_that_is_edited_after_checkout_changes_nothing_about_what_is_paid(shop, session):
    """razorpay-magento#228, #457"""
    shop.product("ring", 5, price=300_000)
    buyer = shop.customer()
    buyer.put("/api/v1/cart/items/RING", {"quantity": 1})
    bought = purchase(shop, buyer)
    buyer.put("/api/v1/cart/items/RING", {"quantity": 4})
    session.execute(update(Product).values(price=900_000))
    assert buyer.open_payment(bought.order_id)["amount"] == 309_000

    paid = bought.pay()
    bought.tell("payment.captured", paid)
    shop.work()

    assert bought.status == ("confirmed", "captured")
    assert orders_at_gateway(shop, bought) == [(309_000, 309_000, 0, "INR")]
    assert sales(session) == [(f"sale:{bought.order_id}:RING", -1)]
    cart = buyer.get("/api/v1/cart").json["lines"]
    assert [(line["sku"], line["quantity"]) for line in cart] == [("RING", 3)]
    assert_sound(shop, session)


@pytest.mark.parametrize(
    ("difference", "what"), [(2_360, "a convenience fee"), (-10_000, "an offer"), (1, "a paisa")]
)
def test_a_payment_of_another_amount_goes_back_and_somebody_is_told(
    shop, session, difference, what
):
    """razorpay-java#60, razorpay-magento#457: a fee on top, or a coupon"""
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    odd = bought.pay(amount=bought.total + difference)

    bought.tell("payment.captured", odd)
    shop.work()

    assert bought.status == ("pending", "refunded")
    assert refunds(session) == [(odd, bought.total + difference, "processed", "amount_mismatch")]
    assert given_back(shop, odd) == [(bought.total + difference, "processed")]
    alerts = select(Alert.kind, Alert.subject, Alert.detail)
    assert values(session.execute(alerts)) == [(
        "amount_mismatch", odd,
        f"{rupees(bought.total + difference)} came for {rupees(bought.total)}",
    )]  # fmt: skip
    assert shop.levels("ring").reserved == 1
    assert_sound(shop, session)


def test_a_shop_that_captures_by_itself_leaves_another_amount_to_lapse(shop, session):
    """razorpay-java#60: the fee that the payer bears is on top of what was asked for"""
    shop.product("ring", 1)
    with account(payment_capture="manual"):
        bought = purchase(shop, ring=1)
        odd = bought.pay(amount=bought.total + 2_360)
        bought.tell("payment.authorized", odd)
        shop.work()

    assert shop.gateway.payment(odd)["status"] == "authorized"
    assert bought.status == ("pending", "authorized")
    assert (sales(session), refunds(session)) == ([], [])
    assert_sound(shop, session)


def test_the_right_number_of_another_currency_goes_back(shop, session):
    """razorpay-magento#457"""
    shop.product("ring", 1)
    bought = purchase(shop, ring=1)
    paid = bought.pay()

    bought.tell("payment.captured", paid, currency="USD")
    shop.work()

    assert bought.status == ("pending", "refunded")
    assert given_back(shop, paid) == [(bought.total, "processed")]
    assert sales(session) == []
    assert_sound(shop, session)


def test_a_cheap_payment_does_not_buy_a_dear_order(shop, session):
    """WordPress/wordcamp.org#1795: a price that comes from somewhere else than the order"""
    shop.product("ring", 1, price=5_000_000)
    shop.product("stud", 1, price=10_000)
    buyer = shop.customer()
    dear, cheap = purchase(shop, buyer, ring=1), purchase(shop, buyer, stud=1)
    paid = cheap.pay()

    cheap.tell("payment.captured", paid)
    cheap.tell("order.paid", paid, order_id=dear.opened["razorpay_order_id"])
    shop.work()

    assert cheap.status == ("confirmed", "captured")
    assert dear.status == ("pending", "pending")
    assert sales(session) == [(f"sale:{cheap.order_id}:STUD", -1)]
    assert_sound(shop, session)


def test_a_payment_that_is_told_for_a_dearer_order_goes_back(shop, session):
    """WordPress/wordcamp.org#1795: a cheap order's payment under a dear order's id"""
    shop.product("ring", 1, price=5_000_000)
    shop.product("stud", 1, price=10_000)
    buyer = shop.customer()
    dear, cheap = purchase(shop, buyer, ring=1), purchase(shop, buyer, stud=1)
    paid = cheap.pay()

    dear.tell("order.paid", paid, order_id=dear.opened["razorpay_order_id"])
    shop.work()

    assert dear.status == ("pending", "refunded")
    assert refunds(session) == [(paid, cheap.total, "processed", "amount_mismatch")]
    assert sales(session) == []
    assert_sound(shop, session)
