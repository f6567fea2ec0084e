"""A purchase through the Python client, at the shop as the Procfile serves it."""

import re
from pathlib import Path

import pytest
from ora_client import UNSET, each, refusals
from ora_client.api.admin_inventory import list_stock
from ora_client.api.auth import log_in, log_out
from ora_client.api.cart import put_cart_item, show_cart
from ora_client.api.catalogue import list_products
from ora_client.api.checkout import (
    check_out,
    open_payment,
    show_payment_status,
    verify_payment,
)
from ora_client.api.inventory import show_inventory
from ora_client.api.me import show_account
from ora_client.api.orders import list_orders, show_order
from ora_client.models import (
    Checkout,
    CheckoutLine,
    Credentials,
    Money,
    Quantity,
    Verification,
)
from sqlalchemy import func, select

from app.orders.models import Order
from tests.clients.conftest import ADDRESS, registered
from tests.web import web_process

README = Path(__file__).parents[2] / "clients" / "python" / "README.md"


def test_a_ring_is_bought_paid_and_confirmed(shop, session, visit, gateway):
    shop.product("ring", 3, price=300_000)
    with web_process() as web:
        client = registered(visit(base_url=web.url))
        put_cart_item(client, "RING", body=Quantity(quantity=2))
        cart = show_cart(client)
        order = check_out(
            client,
            body=Checkout(shipping_address=ADDRESS, expected_total=cart.total),
            idempotency_key="my-first-purchase",
        )
        again = check_out(
            client,
            body=Checkout(shipping_address=ADDRESS, expected_total=cart.total),
            idempotency_key="my-first-purchase",
        )
        opened = open_payment(client, order.id)
        paid = gateway.pay(opened.razorpay_order_id)
        verify_payment(client, body=Verification.from_dict(paid))
        payment = gateway.payment(paid["razorpay_payment_id"])
        shop.deliver(gateway.event("payment.captured", payment))
        shop.work()
        confirmed = show_order(client, order.id)
        status = show_payment_status(client, order.id)

    assert again == order
    assert (order.status, order.lines[0].sku, order.lines[0].quantity) == ("pending", "RING", 2)
    assert order.total == cart.total == Money(amount=618_000, currency="INR")
    assert (confirmed.status, confirmed.payment_status) == ("confirmed", "captured")
    assert status.order_status == "confirmed"
    assert session.scalar(select(func.count()).select_from(Order)) == 1
    assert shop.on_hand("ring") == 1


def test_a_body_that_cannot_be_used_is_told_field_by_field(shop, visit):
    shop.product("ring", 3)
    client = registered(visit())
    bad = Checkout(lines=[CheckoutLine(sku="RING", quantity=0)], shipping_address=ADDRESS)

    with pytest.raises(refusals.ValidationFailed) as refused:
        check_out(client, body=bad)

    assert (refused.value.status, refused.value.code) == (422, "validation_failed")
    assert [one.pointer for one in refused.value.errors] == ["#/lines/0/quantity"]
    assert refused.value.request_id == refused.value.response.headers["X-Request-Id"]


def test_a_shortage_says_what_is_left(shop, visit):
    shop.product("ring", 1)
    client = registered(visit())
    wish = Checkout(lines=[CheckoutLine(sku="RING", quantity=2)], shipping_address=ADDRESS)

    with pytest.raises(refusals.InsufficientStock) as refused:
        check_out(client, body=wish)

    assert refused.value.members["lines"] == [{"sku": "RING", "requested": 2, "available": 1}]


def test_visitors_are_told_no_more_than_they_may_know(shop, visit):
    shop.product("ring", 7)

    item = show_inventory(visit(), sku=["RING"]).items[0]

    assert (item.sku, item.available, item.on_hand) == ("RING", 7, UNSET)
    with pytest.raises(refusals.Unauthenticated):
        list_stock(visit())


def test_a_list_is_gone_through_to_its_end(shop, visit):
    for number in range(7):
        shop.product(f"ring-{number}", 1)
    client = visit()

    skus = [one.sku for one in each(lambda cursor: list_products(client, cursor=cursor, limit=3))]

    assert len(skus) == 7
    assert set(skus) == {f"RING-{number}" for number in range(7)}


def test_a_list_with_nothing_in_it_ends_at_once(shop, visit):
    client = registered(visit())

    assert list(each(lambda cursor: list_orders(client, cursor=cursor))) == []


def test_a_token_that_ran_out_is_renewed_by_itself(shop, visit):
    client = registered(visit())
    before = client.tokens
    before.access_token = before.access_token[:-6] + "AAAAAA"

    assert show_account(client).email == "meera@example.com"
    assert client.tokens.refresh_token != before.refresh_token


def test_who_has_signed_out_is_not_let_in_by_the_way(shop, visit):
    client = registered(visit())
    log_out(client)

    with pytest.raises(refusals.SessionEnded):
        show_account(client)


def test_a_wrong_password_is_refused_once_and_not_tried_again(shop, visit):
    client = registered(visit())
    wrong = Credentials(email="meera@example.com", password="another sentence")

    with pytest.raises(refusals.WrongCredentials):
        log_in(client, body=wrong)

    assert client.slept == []


def test_the_readme_buys_a_piece_as_it_is_written(shop, home, capsys):
    shop.product("ring", 1)
    (example,) = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)

    exec(example.replace("http://127.0.0.1:8000", home), {})

    number, razorpay_order_id = capsys.readouterr().out.split()
    assert number.startswith("ORA-")
    assert razorpay_order_id.startswith("order_")
    assert shop.levels("ring").reserved == 1
