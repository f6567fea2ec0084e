"""
The traps of Flask-Admin, each with what keeps these pages out of it.

Many are avoided by what the pages are made of; their tests fail when somebody brings one back.
The twelfth, images that are uploaded, has tests of its own.
"""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app import backoffice
from app.accounts import accounts
from app.accounts.models import User
from app.audit.models import Record
from app.backoffice import products as products_page
from app.catalog.models import Product
from app.core.db import transaction
from app.orders.models import Order
from tests.backoffice.browser import Browser, email_of, enter, words
from tests.backoffice.doors import (
    AT_THE_DOOR,
    FOR_ADMINS,
    FORMS,
    LISTS,
    MENU,
    OWN,
    SHOWN,
    fill,
    handlers,
    post,
)
from tests.backoffice.doors import token_of as token
from tests.payments.purchase import purchase
from tests.transfers.files import read

HOUSE = Path(backoffice.__file__).parent
# What runs or colours within a page, and which a strict policy stops: half of what was meant.
INLINE = re.compile(
    r"""\son\w+\s*=|\sstyle\s*=|<style|javascript:|<script(?![^>]*\ssrc=)""", re.IGNORECASE
)
FILE = re.compile(r'<(?:script|link)[^>]+(?:src|href)="([^"]+)"')
TERMS = {
    "price": "2,000", "tax_basis_points": "3", "hsn_code": "7113", "purchase_limit": "0",
    "low_stock_threshold": "1", "counters": "1", "description": "A piece.", "is_active": "on",
    "slug": "ring", "category": "rings", "metal": "gold", "purity": "22K (916)",
    "gross_weight_mg": "5", "net_weight_mg": "4.8",
}  # fmt: skip


def test_trap_01_nothing_stands_in_a_page_that_a_strict_policy_would_stop(shop, admin):
    facts = fill(shop)

    for path in [*MENU, *OWN, *(one.format_map(facts) for one in SHOWN), "/none"]:
        answer = admin.get(path)
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"], path
        assert "unsafe" not in answer.headers["Content-Security-Policy"], path
        assert INLINE.findall(answer.text) == [], path


def test_trap_01_what_cannot_be_undone_asks_before(shop, admin):
    """That the question stops the form when it is answered so is seen in tests/browser."""
    facts = fill(shop)
    pages = [f"/orders/{facts['order']}", "/webhooks/", f"/people/{facts['who']}", "/operations/"]

    shown = "".join(admin.get(path).text for path in pages)

    asking = set(re.findall(r'action="\S+/(\w+)" data-confirm="[^"]+\?', shown))
    assert asking == {"refund", "remove", "replay", "role", "rebuild"}


def test_trap_02_a_form_that_lay_open_during_a_sale_leaves_the_stock_alone(shop, admin):
    shop.product("ring", 10)
    revision = _revision(admin)
    bought = purchase(shop, ring=3)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    status = post(
        admin, "/products/RING/change", **TERMS, name="Narrower", revision=revision,
        stock_quantity="10", on_hand="10",
    )  # fmt: skip

    assert status == 302
    assert "Narrower" in words(admin.get("/products/RING"))
    assert (shop.on_hand("ring"), shop.levels("ring").available) == (7, 7)


def test_trap_03_of_many_forms_of_one_version_that_come_at_once_one_wins(shop, session):
    """One after the other is in test_products."""
    shop.product("ring", 10)
    people = [enter(shop, "admin") for _ in range(4)]
    revision, together = _revision(people[0]), Barrier(len(people))

    def send(number):
        tokens[number] = token(people[number])
        together.wait()
        fields = TERMS | {"name": f"Ring {number}", "revision": revision}
        data = fields | {"csrf_token": tokens[number]}
        people[number].client.post("/admin/products/RING/change", data=data)

    tokens = {}
    threads = [Thread(target=send, args=[number]) for number in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    query = select(Record.after["name"].astext).where(
        Record.subject == "products", Record.action == "update", Record.after.has_key("name")
    )
    [won] = session.scalars(query).all()
    assert session.scalars(select(Product.name)).one() == won
    assert len(tokens) == len(people)


def test_trap_04_who_is_left_out_of_the_list_has_no_page_and_gets_no_role(shop, admin):
    gone = shop.customer().id
    with transaction() as session:
        accounts.erase(session, session.get(User, gone))

    assert str(gone) not in admin.get("/people/").text
    assert admin.get(f"/people/{gone}").status_code == 404
    assert post(admin, f"/people/{gone}/role", role="admin") == 404


def test_trap_05_nothing_is_edited_in_place(app):
    """Whatever takes a form is known by name, and goes through a story."""
    taking = {name for name, methods in handlers(app).items() if "POST" in methods}

    assert taking == {*FORMS, *AT_THE_DOOR}


def test_trap_06_every_handler_stands_in_the_table_of_its_page(app):
    allowed = {
        f"{view.endpoint}.{name}"
        for view in app.extensions["admin"][0]._views
        for name in view.ALLOWED
    }

    assert {*handlers(app)} - allowed == {*AT_THE_DOOR}


def test_trap_06_staff_are_refused_what_is_for_admins_and_that_alone(shop, staff):
    facts = fill(shop)

    statuses = {
        name: post(staff, path.format_map(facts))
        for name, path in FORMS.items()
        if name != "sign_in.leave"
    }

    assert {name for name, status in statuses.items() if status == 403} == FOR_ADMINS


def test_trap_07_no_form_is_taken_without_its_token(shop, admin):
    facts = fill(shop)

    for path in (*FORMS.values(), *AT_THE_DOOR.values()):
        answer = admin.client.post(f"/admin{path.format_map(facts)}", data={"delta": "5"})
        assert answer.status_code == 400, path
        assert "Nothing was changed" in words(answer), path


def test_trap_07_a_form_that_lay_open_for_hours_is_taken_in_a_session_that_lives(
    admin, monkeypatch
):
    fields = {"csrf_token": token(admin)}
    now = TimestampSigner.get_timestamp
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda self: now(self) + 5 * 60 * 60)

    answer = admin.client.post("/admin/operations/compare", data=fields)

    assert answer.status_code == 302
    assert "All products are being compared" in words(admin.get("/operations/"))


def test_trap_08_what_a_database_says_stays_inside(shop, admin, monkeypatch):
    shop.product("ring", 5)

    def break_down(*_, **__):
        raise IntegrityError("UPDATE products SET", {"price": 7700777}, Exception("duplicate key"))

    monkeypatch.setattr(products_page.products, "change_product", break_down)
    data = TERMS | {"csrf_token": token(admin), "name": "x", "revision": "1"}
    answer = admin.client.post("/admin/products/RING/change", data=data)

    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in words(answer)
    for inside in ("UPDATE", "duplicate", "7700777", "IntegrityError", "Traceback"):
        assert inside not in answer.text


ODD = [
    "id=abc", "page=-5", "page=99999999999999999999", "cursor=garbage", "cursor=%00",
    "cursor=WyIyMDI2LTAxLTAxIiwgIngiXQ", "cursor=WzEsMl0", "q=%00", "q=%ff%fe", "q=%25%27%22",
    "view=none", "view=%00", "after=%00", "after=99999999999999999999", "low=x", "report=none",
    "from=x&to=y", "to=0001-01-01", "from=9999-12-31&to=9999-12-31",
    "from=0001-01-01&to=0001-01-02",
    "subject=%00&subject_id=%00&actor=%00", "q=" + "9" * 5_000, "cursor=" + "9" * 5_000,
]  # fmt: skip


@pytest.mark.parametrize("path", LISTS)
def test_trap_09_no_address_breaks_a_list(admin, path):
    statuses = {odd[:60]: admin.get(f"{path}?{odd}").status_code for odd in ODD}

    assert {odd: status for odd, status in statuses.items() if status not in (200, 422)} == {}


@pytest.mark.parametrize(
    "view", ["payments", "refunds", "disputes", "paid, not matched", "days compared"]
)
def test_trap_09_no_cursor_breaks_a_list_of_money(admin, view):
    odd = [one for one in ODD if one.startswith("cursor=")]
    statuses = {one[:60]: admin.get(f"/money/?view={view}&{one}").status_code for one in odd}

    assert {one: status for one, status in statuses.items() if status not in (200, 422)} == {}


@pytest.mark.parametrize("path", ["/orders/", "/returns/", "/people/", "/stock/", "/orders/paper/"])
@pytest.mark.parametrize("named", ["abc", "-5", "0", "9" * 30, "%00", "%ff", "..%2f", "x" * 3_000])
def test_trap_09_no_id_breaks_a_page(admin, path, named):
    assert admin.get(f"{path}{named}").status_code in (404, 422)


def test_trap_10_what_is_shown_is_named_in_the_address_and_not_numbered(shop, admin):
    fill(shop)

    for path in LISTS:
        for asked in re.findall(r'href="[^"?]+\?([^"]+)"', admin.get(path).text):
            assert re.fullmatch(r"(\w*[a-z]=[^&]*(&amp;|$))+", asked), asked
            assert not re.search(r"\d=", asked), asked


def test_trap_11_a_file_runs_nothing_reads_in_excel_and_is_written_down(shop, session, admin):
    shop.product("ring", 5)
    formula = '=HYPERLINK("http://evil.example")'
    session.execute(update(Product).values(name=formula))

    file = admin.get("/reports/file?report=inventory")

    assert file.data.startswith(b"\xef\xbb\xbf")
    assert f"'{formula}" in read(file.text)[0].values()
    assert session.scalars(select(Record.subject).where(Record.action == "export")).all() == [
        "report inventory"
    ]


def test_trap_11_a_file_is_for_those_who_may(nobody):
    assert nobody.get("/reports/file?report=inventory").status_code == 302


def test_trap_13_money_and_time_are_written_as_in_india(shop, session, admin):
    shop.product("ring", 5, price=12_345_678_900, purchase_limit=0)
    order_id = shop.customer().check_out(ring=1).json["id"]
    # Half an hour before midnight by Greenwich is the next morning in India.
    late = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
    session.execute(update(Order).where(Order.id == order_id).values(created_at=late))

    shown = words(admin.get("/orders/"))

    assert "01 Apr 2026, 05:00" in shown
    assert "₹12,71,60,492.67" in shown
    assert 'lang="en-IN"' in admin.get("/orders/").text


def test_trap_14_the_newest_is_first_and_the_next_page_is_older(shop, session, admin):
    shop.product("ring", 9)
    ids = [shop.customer().check_out(ring=1).json["id"] for _ in range(3)]
    now = datetime.now(UTC)
    # Placed in another order than they were written in.
    for hours, order_id in zip((1, 3, 2), ids, strict=True):
        at = now - timedelta(hours=hours)
        session.execute(update(Order).where(Order.id == order_id).values(created_at=at))

    found = re.findall(r'href="/admin/orders/([0-9a-f-]{36})"', admin.get("/orders/").text)

    assert found == [ids[0], ids[2], ids[1]]


@pytest.mark.parametrize(("env", "is_secure"), [("production", True), ("test", False)])
def test_trap_14_the_cookie_is_secure_in_production(shop, another_app, env, is_secure):
    """Its other flags, and that nothing is kept, are in test_signing_in."""
    browser = Browser(another_app(app_env=env))

    answer = browser.sign_in(email_of(shop.customer(role="staff").id))

    flags = [flag.strip() for flag in answer.headers["Set-Cookie"].split(";")]
    assert ("Secure" in flags) is is_secure


def test_trap_15_what_people_write_is_text_wherever_it_stands(shop, session, admin):
    facts = fill(shop)
    script = "<script>alert(1)</script>"
    session.execute(update(Product).values(name=script, description=script))
    session.execute(update(User).where(User.role == "customer").values(name=script))

    for path in [*MENU, *OWN, *(one.format_map(facts) for one in SHOWN)]:
        assert script not in admin.get(path).text, path
    assert script not in admin.get(f"/orders/?q={script}").text


def test_trap_15_of_many_that_are_chosen_all_are_done_or_none(session, shop, admin):
    """That none is done when one is none of ours is in test_inbox; what is done is written down."""
    shop.product("ring", 5)
    post(admin, "/products/RING/change", **TERMS, name="Narrower", revision="1")

    query = select(Record.actor, Record.before["name"].astext, Record.after["name"].astext)
    found = session.execute(query.where(Record.after.has_key("name"), Record.action == "update"))
    assert [tuple(row) for row in found] == [(f"admin:{admin.id}", "The ring", "Narrower")]


def test_trap_16_no_page_needs_jquery_or_what_is_served_from_elsewhere(shop, admin):
    facts = fill(shop)
    scripts = set()
    for path in [*MENU, *(one.format_map(facts) for one in SHOWN), "/none"]:
        scripts |= set(
            re.findall(r'<(?:script|link)[^>]+(?:src|href)="([^"]+)"', admin.get(path).text)
        )

    ours = {"/admin/files/pages.css", "/admin/files/pages.js", "/admin/files/chart-4.6.1.js"}
    assert scripts == {*ours, "data:,"}
    for name in ("pages.js", "chart-4.6.1.js"):
        assert "jquery" not in (HOUSE / "static" / name).read_text().lower()


def _revision(browser):
    return re.search(r'name="revision" value="(\d+)"', browser.get("/products/RING").text)[1]
