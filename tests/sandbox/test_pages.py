import html
import re

import pytest

from sandbox.errors import ApiError
from sandbox.money import rupees
from sandbox.pages import checked_callback

CALLBACK = "http://127.0.0.1:8000/paid"


@pytest.mark.parametrize(
    ("paise", "text"),
    [
        (0, "₹0.00"),
        (5, "₹0.05"),
        (99900, "₹999.00"),
        (100000, "₹1,000.00"),
        (12345600, "₹1,23,456.00"),
        (1234567890, "₹1,23,45,678.90"),
    ],
)
def test_rupees_are_grouped_as_in_india(paise, text):
    assert rupees(paise) == text


def fields(page):
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def test_the_checkout_shows_what_is_to_be_paid(sandbox):
    order = sandbox.order(12345600, receipt="<b>ORA</b>")

    page = sandbox.call(
        "GET",
        "/v1/checkout/embedded",
        params={"key_id": "rzp_test_tests", "order_id": order["id"], "callback_url": CALLBACK},
        auth=None,
    )

    assert page.status_code == 200
    assert "₹1,23,456.00" in page.text
    assert order["id"] in page.text
    assert "&lt;b&gt;ORA" in page.text
    assert re.findall(r'name="method" value="(\w+)"', page.text) == [
        *("card", "upi", "netbanking", "wallet")
    ]
    assert fields(page.text)["callback_url"] == CALLBACK
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_paying_sends_the_signed_triple_back_to_the_shop(sandbox, shop):
    order = sandbox.order()

    page = sandbox.call(
        "POST",
        f"/pay/{order['id']}",
        data={"method": "upi", "outcome": "captured", "callback_url": CALLBACK},
    )

    triple = fields(page.text)
    assert set(triple) == {"razorpay_payment_id", "razorpay_order_id", "razorpay_signature"}
    assert sandbox.client.utility.verify_payment_signature(triple)
    assert f'action="{CALLBACK}"' in page.text
    assert ".submit()" in page.text
    assert sandbox.client.order.fetch(order["id"])["status"] == "paid"
    shop.take(3)


def test_failing_sends_the_error_and_no_signature(sandbox):
    order = sandbox.order()

    page = sandbox.call(
        "POST",
        f"/pay/{order['id']}",
        data={"method": "card", "outcome": "failed", "callback_url": CALLBACK},
    )

    sent = fields(page.text)
    assert sent["error[code]"] == "BAD_REQUEST_ERROR"
    assert sent["error[reason]"] == "payment_failed"
    assert order["id"] in sent["error[metadata]"]
    assert "razorpay_signature" not in page.text


def test_without_a_callback_the_triple_is_shown_and_nothing_is_sent(sandbox):
    order = sandbox.order()

    page = sandbox.call("POST", f"/pay/{order['id']}", data={"method": "upi"})

    assert "razorpay_signature" in page.text
    assert "<form" not in page.text


def test_a_paid_order_cannot_be_paid_again_on_the_page(sandbox):
    order = sandbox.order()
    sandbox.pay(order)

    pages = [
        sandbox.call("GET", f"/pay/{order['id']}"),
        sandbox.call("POST", f"/pay/{order['id']}", data={"method": "upi"}),
    ]

    assert ["paid already" in page.text for page in pages] == [True, True]
    assert len(sandbox.books()["payments"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("GET", "/pay/order_00000000000000", None),
        ("GET", "/pay/nonsense", None),
        ("GET", "/v1/checkout/embedded", None),
        ("GET", "/v1/checkout/embedded?key_id=rzp_test_tests", None),
        ("POST", "/pay/order_00000000000000", {"method": "upi"}),
        ("POST", "/pay/order_00000000000000", {"method": "barter"}),
    ],
)
def test_a_page_for_nothing_says_so_to_a_person(sandbox, method, path, data):
    page = sandbox.call(method, path, data=data)

    assert page.status_code in {400, 401}
    assert "not possible" in page.text


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/cb",
        "https://localhost/cb?x=1",
        "http://[::1]:8000/",
        "http://127.1.2.3/",
    ],
)
def test_a_shop_on_this_machine_is_called_back(url):
    assert checked_callback(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/",
        "//127.0.0.1/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://127.0.0.1@evil.example/",
        "http://evil.example\\@127.0.0.1/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1:99999/",
        "http://[::1/",
        "http://local\nhost/",
        "http://10.0.0.1/",
        "http:///path",
    ],
)
def test_no_other_address_receives_the_triple(url):
    with pytest.raises(ApiError):
        checked_callback(url)


def test_the_index_lists_what_happened(sandbox, shop):
    order = sandbox.order(12345600)
    failed = sandbox.pay(order, outcome="failed")
    shop.next()
    sandbox.fault("orders.create", latency_ms=5)
    sandbox.drive("downtimes", method="upi")
    sandbox.drive("webhook", enabled=False)

    page = sandbox.call("GET", "/", auth=None).text

    assert "₹1,23,456.00" in page
    assert f'href="/pay/{order["id"]}"' in page
    assert failed["razorpay_payment_id"] in page
    assert "payment.failed" in page
    assert "latency_ms" in page
    assert "payment.downtime.started" in page
    assert "The webhook is disabled" in page
    assert "None" not in page.replace("None yet.", "")
