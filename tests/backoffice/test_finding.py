"""An order is found by a link or a message that it stands in; a SKU leads to its orders."""

from uuid import uuid4

import pytest

from app.backoffice.finding import MOST_NAMES
from tests.backoffice.browser import words
from tests.payments.purchase import purchase


@pytest.fixture
def bought(shop):
    shop.product("ring", 5)
    one = purchase(shop, ring=1)
    one.payment_id = one.pay()
    one.tell("payment.captured", one.payment_id)
    shop.work()
    one.number = one.buyer.order(one.order_id)["number"]
    return one


@pytest.mark.parametrize(
    "term",
    [
        "https://shop.example/orders/{id}",
        "https://shop.example/orders/{id}/?utm_source=mail&utm_id=0192f5a4-7c1e-4cc3-98c4-dc0c0c07",
        "http://127.0.0.1:8001/shop/#/orders/{id}",
        "/api/v1/orders/{id}/timeline",
        "https://shop.example/track?number={number}&email=a%40example.com",
        "https://shop.example/track%3Fnumber%3D{small}",
        "Hello, where is my order {number}? Thanks",
        "<https://shop.example/account/{other}/orders/{id}>",
        "https://dashboard.razorpay.example/app/payments/{try}",
        "https://dashboard.razorpay.example/app/orders/{gateway_order}?tab=1",
        "{{{id}}}",
    ],
)
def test_what_it_stands_in_leads_to_it(staff, bought, term):
    written = term.format_map(
        {
            "id": bought.order_id, "number": bought.number, "small": bought.number.lower(),
            "other": uuid4(), "try": bought.payment_id,
            "gateway_order": bought.opened["razorpay_order_id"],
        }
    )  # fmt: skip

    answer = staff.client.get("/admin/orders/", query_string={"q": written})

    assert (answer.status_code, answer.headers.get("Location")) == (
        302, f"/admin/orders/{bought.order_id}",
    )  # fmt: skip


@pytest.mark.parametrize(
    "term",
    [
        "https://shop.example/orders/",
        "https://shop.example/orders/{cut}",
        "x{id}",
        "https://shop.example/orders/{id}0",
        "ORA-7K3M-9QXZ-41TD https://shop.example",
        "%zz%00",
    ],
)
def test_what_only_looks_like_it_leads_nowhere(staff, bought, term):
    written = term.format_map({"id": bought.order_id, "cut": bought.order_id[:-1]})

    answer = staff.client.get("/admin/orders/", query_string={"q": written})

    assert answer.status_code == 200
    assert "Nothing is called" in words(answer)


def test_a_long_text_is_not_looked_up_for_ever(staff, bought):
    many = " ".join(str(uuid4()) for _ in range(MOST_NAMES))

    last = staff.client.get("/admin/orders/", query_string={"q": f"{many} {bought.number}"})

    assert last.status_code == 200


@pytest.mark.parametrize("term", ["RING", " ring "])
def test_a_sku_leads_to_its_orders(staff, bought, term):
    answer = staff.client.get("/admin/orders/", query_string={"q": term})

    assert "RING is a product, The ring." in words(answer)
    assert "Nothing is called" not in words(answer)
    link = answer.text.split('role="note"')[1].split('href="')[1].split('"')[0]
    assert link == "/admin/orders/?sku=RING"
    assert bought.number in words(staff.get(link.removeprefix("/admin")))


def test_other_words_are_no_product(staff, bought):
    for term in ("RINGS", "the ring", "R\0", "R" * 3_000):
        answer = staff.client.get("/admin/orders/", query_string={"q": term})
        assert "is a product" not in words(answer)
