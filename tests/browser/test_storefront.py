"""The sandbox's storefront in a real browser, at the whole shop as `make run` serves it."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, text

from dev.buyer import Buyer
from dev.ports import free_port
from dev.stack import ROOT, Stack, stack
from tests.browser.chromium import require
from tests.browser.conftest import NARROW, WIDE
from tests.browser.watcher import Watcher

FORM = {
    "name": "Meera Iyer", "email": "meera@example.com", "phone": "9876543210",
    "line1": "14 Temple Street", "city": "Chennai", "pincode": "600004", "pan": "ABCPE1234F",
}  # fmt: skip
# Many are there of the first, and one of each of the others.
PLENTY, ALONE = "ORA-RG-FLASH20", ("ORA-RG-0001",)
PATIENCE_MS = 60_000
STAFF = ("clerk@ora.example", "a long sentence of the clerk")


@pytest.fixture(scope="module")
def street() -> Iterator[Stack]:
    """Every process of the shop, and the sandbox."""
    require()
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as name:
        # On a machine that is busy with other tests.
        patch.setattr("dev.stack._READY_SECONDS", 300.0)
        Path(name).chmod(0o755)
        extra = {"APP_ENV": "test", "RATE_LIMITS": "off", "SANDBOX_DATABASE": ":memory:"}
        with stack(
            Path(name) / "run", port=free_port(), sandbox_port=free_port(), durable=False,
            extra_env=extra, environ={}, output=Path(name) / "log",
        ) as shop:  # fmt: skip
            yield shop


@pytest.fixture
def enter_shop(street, window):
    """Opens the storefront at a width, with somebody who watches the page."""

    def open_one(width=WIDE):
        page = window(width)
        page.context.set_default_timeout(PATIENCE_MS)
        watcher = Watcher(page, street.sandbox_url)
        page.goto(f"{street.sandbox_url}/shop/")
        page.locator(".card").first.wait_for()
        return page, watcher

    return open_one


def to_the_till(page, street, sku):
    """Put a piece into the cart, and fill the form in."""
    items = Buyer(street.base_url).ask("GET", "/api/v1/products?limit=100")["items"]
    slug = next(item["slug"] for item in items if item["sku"] == sku)
    go(page, f"p/{slug}")
    page.locator(".piece button").click()
    expect(page.locator("#count")).to_have_text("1")
    go(page, "cart")
    page.get_by_role("link", name="Check out").click()
    for name, value in FORM.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_label("State").select_option("Tamil Nadu")


def go(page, place):
    page.evaluate("place => { location.hash = place }", f"#/{place}")


def reserve(page):
    page.get_by_role("button", name="Reserve and pay").click()


def pay(page, outcome="pays"):
    page.get_by_label(outcome).check()
    page.get_by_role("button", name="Pay", exact=True).click()


def order_id(page):
    page.wait_for_url(re.compile("#/order/"))
    return page.url.rpartition("/")[2]


def status_of(street, order):
    engine = create_engine(street.env["DATABASE_URL"])
    with engine.connect() as connection:
        query = text("SELECT status, payment_status FROM orders WHERE id = :id")
        found = tuple(connection.execute(query, {"id": order}).one())
    engine.dispose()
    return found


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_piece_is_bought_and_nothing_is_wrong_with_any_page(street, enter_shop, width):
    page, watcher = enter_shop(width)
    wrong = {"list": watcher.complaints()}

    to_the_till(page, street, PLENTY)
    wrong["form"] = watcher.complaints()
    go(page, "cart")
    page.get_by_role("heading", name="Your cart").wait_for()
    wrong["cart"] = watcher.complaints()
    page.get_by_role("link", name="Check out").click()
    for name, value in FORM.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_label("State").select_option("Tamil Nadu")
    reserve(page)
    order = order_id(page)
    page.get_by_role("heading", name="Yours, once it is paid").wait_for()
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"1[0-5]:\d\d"))
    wrong["pay"] = watcher.complaints()
    assert status_of(street, order)[0] == "pending"
    pay(page)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)
    wrong["order"] = watcher.complaints()

    assert {name: found for name, found in wrong.items() if found} == {}
    assert status_of(street, order) == ("confirmed", "captured")
    expect(page.locator("#count")).to_have_text("0")


def test_of_two_who_want_the_last_piece_one_has_it_and_the_other_is_told(street, enter_shop):
    pages = [enter_shop()[0] for _ in range(2)]
    for page in pages:
        to_the_till(page, street, ALONE[0])

    for page in pages:
        reserve(page)
    for page in pages:
        page.locator("#pay, #checkout .wrong:not([hidden])").first.wait_for()

    has_it = [page for page in pages if page.locator("#pay").count()]
    told = [page for page in pages if page not in has_it]
    assert (len(has_it), len(told)) == (1, 1)
    expect(told[0].get_by_role("alert")).to_contain_text("Somebody was faster")
    told[0].get_by_role("link", name="To the cart").click()
    expect(told[0].locator(".short")).to_have_text("Sold out: somebody else has it.")
    pay(has_it[0])
    expect(has_it[0].get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)
    assert status_of(street, order_id(has_it[0])) == ("confirmed", "captured")


def test_a_payment_that_fails_can_be_tried_again_and_the_parcel_is_followed(street, enter_shop):
    page, _ = enter_shop()
    to_the_till(page, street, PLENTY)
    reserve(page)
    order = order_id(page)

    pay(page, "refuses")
    expect(page.get_by_role("alert")).to_contain_text("The bank has refused the payment")
    assert status_of(street, order)[0] == "pending"
    pay(page, "pays")
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE_MS)

    clerk = appointed(street)
    path = f"/api/v1/admin/orders/{order}/status"
    clerk.ask("POST", path, json={"status": "processing"})
    parcel = {"status": "shipped", "courier": "BlueDart", "tracking_number": "69123456780"}
    clerk.ask("POST", path, json=parcel)
    expect(page.get_by_role("heading", name="It is on its way")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("With BlueDart, parcel 69123456780")).to_be_visible()


def appointed(street):
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "create-admin", STAFF[0]]
    subprocess.run(
        [*command, "--password", STAFF[1]], cwd=ROOT, env={**street.env}, check=True,
        capture_output=True,
    )  # fmt: skip
    clerk = Buyer(street.base_url)
    clerk.sign_in(*STAFF)
    return clerk


def test_what_is_wrong_is_told_at_its_field(street, enter_shop):
    page, _ = enter_shop(NARROW)
    to_the_till(page, street, PLENTY)
    page.get_by_label("Pincode").fill("12")
    page.get_by_label("City").fill("")

    reserve(page)

    expect(page.get_by_text("is needed")).to_be_visible()
    assert page.locator("[aria-invalid]").count() == 2
    page.get_by_label("City").fill("Chennai")
    reserve(page)

    field = page.get_by_label("Pincode")
    expect(page.locator("[aria-invalid]")).to_have_count(1)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    field.fill("600004")
    reserve(page)
    order_id(page)


def problem(code, status, **more):
    body = {"code": code, "title": code, "status": status, "request_id": "r"} | more
    return {"status": status, "json": body, "headers": {"Retry-After": "1"}}


@pytest.mark.parametrize(
    "trouble", [problem("service_unavailable", 503), problem("too_many_requests", 429)]
)
def test_a_shop_that_is_busy_is_waited_for_with_the_same_key(street, enter_shop, trouble):
    page, _ = enter_shop()
    to_the_till(page, street, PLENTY)
    keys = []

    def busy_once(route):
        keys.append(route.request.headers["idempotency-key"])
        route.fulfill(**trouble) if len(keys) == 1 else route.continue_()

    page.route("**/shop/api/v1/checkout", busy_once)
    reserve(page)

    expect(page.get_by_role("status")).to_contain_text("The shop is busy")
    order_id(page)
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_price_that_changed_is_shown_before_anything_is_bought(street, enter_shop):
    page, _ = enter_shop()
    to_the_till(page, street, PLENTY)
    keys = []

    def changed_once(route):
        keys.append(route.request.headers["idempotency-key"])
        route.fulfill(**problem("price_changed", 409)) if len(keys) == 1 else route.continue_()

    page.route("**/shop/api/v1/checkout", changed_once)
    reserve(page)

    expect(page.get_by_role("alert")).to_contain_text("The price has changed")
    expect(page.get_by_label("Name")).to_have_value("Meera Iyer")
    expect(page.get_by_label("State")).to_have_value("Tamil Nadu")
    reserve(page)
    order_id(page)


def test_a_time_that_is_over_is_told(street, enter_shop):
    page, _ = enter_shop()
    to_the_till(page, street, PLENTY)
    reserve(page)
    page.get_by_role("heading", name="Yours, once it is paid").wait_for()

    lapsed = {"order_status": "expired", "payment_status": "failed", "seconds_left": 0}
    page.route("**/payment-status", lambda route: route.fulfill(json=lapsed))

    expect(page.get_by_role("heading", name="The time to pay is over")).to_be_visible()
    expect(page.get_by_role("button", name="Pay", exact=True)).to_be_hidden()
    expect(page.get_by_text("The pieces are on sale again.")).to_be_visible()


def test_the_page_may_load_nothing_from_elsewhere(street, enter_shop):
    page, watcher = enter_shop()

    page.evaluate("fetch('http://elsewhere.example/').catch(() => {})")

    assert any("forbidden by connect-src" in one for one in watcher.complaints())
