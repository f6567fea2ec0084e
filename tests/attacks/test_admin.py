"""Attacks on the back office: pages, forms, files, and what customers write that is shown there."""

import re
import time
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from app.backoffice import sessions
from app.catalog.models import Product
from app.orders.models import Order
from tests.api.snapshot import everything
from tests.backoffice.browser import Browser, email_of, give_role
from tests.backoffice.doors import (
    FOR_ADMINS,
    FORMS,
    LISTS,
    MENU,
    fill,
    handlers,
    post,
    token_of,
)
from tests.builders import ADDRESS, PAN
from tests.checkout.steps import basket
from tests.payments.purchase import given_back, purchase
from tests.returns.steps import decide, deliver, receive
from tests.transfers.files import read
from tests.treasury.money import ask_back

SCRIPT = "<img src=x onerror=alert(1)>\"'<script>alert(1)</script>"


def kept(session, redis):
    """All that the shop remembers, but for marks of the queue that end by themselves."""
    known = everything(session, redis)
    return known["rows"], known["keys"]


def addresses(app, facts):
    """Every address of the pages with something in each place, and the methods it takes."""
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    for name, methods in handlers(app).items():
        if name.startswith("sign_in."):
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: facts.get(found[1], "x"), rules[name].rule)
        yield from ((name, method, path) for method in sorted(methods))


@pytest.fixture
def facts(shop):
    """What there is in the shop, by the names that the rules of addresses have for it."""
    known = fill(shop)
    more = {"sku": "RING", "code": "DIWALI", "slug": "rings", "event_id": known["event"]}
    ids = {"order": "order_id", "return": "return_id", "image": "image_id", "note": "note_id",
        "import": "import_id", "subscriber": "subscriber_id", "delivery": "delivery_id",
        "alert": "alert_id", "refund": "refund_id"}  # fmt: skip
    return known | more | {name: known[kind] for kind, name in ids.items()} | {
        "account_id": known["who"], "invoice_id": str(uuid4()), "payment_id": str(uuid4()),
    }  # fmt: skip


def test_attack_38_every_address_of_the_pages_without_a_role(shop, session, redis, facts, staff):
    """Strangers, customers and who was let go are sent to the door; nothing is done for them."""
    let_go, stranger = staff, Browser(shop.app.test_client())
    give_role(let_go.id, "customer")
    customer = shop.customer()
    before = kept(session, redis)

    tried = list(addresses(shop.app, facts))
    for name, method, path in tried:
        for client, headers in (
            (stranger.client, {}), (let_go.client, {}), (stranger.client, customer.headers),
        ):  # fmt: skip
            answer = client.open(path, method=method, headers=headers)
            assert answer.status_code == 302, (name, method, path)
            assert answer.headers["Location"].startswith("/admin/sign-in/"), path

    assert len(tried) > 50
    assert kept(session, redis) == before


def test_attack_38_every_address_for_admins_as_staff(session, redis, app, facts, staff):
    form = {"csrf_token": token_of(staff)}
    before = kept(session, redis)

    forbidden = {
        name
        for name, method, path in addresses(app, facts)
        if name in FOR_ADMINS
        and staff.client.open(path, method=method, data=form).status_code in (403, 405)
    }

    assert forbidden == FOR_ADMINS
    assert kept(session, redis) == before


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_attack_39_a_form_from_elsewhere(session, redis, facts, admin, token):
    data = {} if token is None else {"csrf_token": token}
    data |= {"delta": "5", "reason": "x", "role": "admin", "reference": "y"}
    before = kept(session, redis)

    answers = {
        path: admin.client.post(
            f"/admin{path.format_map(facts)}", data=data, headers={"Origin": "http://evil.example"}
        ).status_code
        for path in FORMS.values()
    }

    assert set(answers.values()) == {400}
    assert kept(session, redis) == before


def test_attack_40_edits_that_no_page_offers(session, redis, facts, admin):
    """What Flask-Admin would do by itself: edit in a list, look up, delete, act on many."""
    generic = ["ajax/update/", "ajax/lookup/?name=user", "edit/?id=1", "delete/", "new/", "action/"]
    fields = {"csrf_token": token_of(admin), "list_form_pk": "1", "price": "1", "action": "delete"}
    before = kept(session, redis)

    for page in LISTS:
        for path in generic:
            address = f"/admin{page}{path}"
            assert admin.client.post(address, data=fields).status_code in (404, 405), address
            assert admin.client.get(address).status_code in (404, 405, 422), address

    assert kept(session, redis) == before


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example", "javascript:alert(1)", "/\\evil.example",
     "\\\\evil.example", "/admin//evil.example/..\\", "%2f%2fevil.example", "data:text/html,x",
     "/admin/../../evil", " //evil.example", "\t//evil.example", "http:evil.example"],
)  # fmt: skip
def test_attack_41_a_sign_in_that_leads_elsewhere(shop, nobody, address):
    answer = nobody.sign_in(email_of(shop.customer(role="staff").id), next=address)

    assert answer.status_code == 302
    # Climbing ends in our own house.
    assert answer.headers["Location"] in ("/admin/", "/admin/../../evil")


def test_attack_42_markup_in_all_that_customers_write(shop, admin):
    """By the front door, in every field that takes text; shown as text or not at all."""
    shop.product("ring", 5)
    body = {"name": SCRIPT, "email": "new@example.com", "password": "a long sentence of hers"}
    tokens = shop.app.test_client().post("/api/v1/auth/register", json=body).json
    buyer = shop.customer()
    buyer.id, buyer.token = tokens["account"]["id"], tokens["access_token"]
    there = dict.fromkeys(("name", "line1", "line2", "city"), SCRIPT)
    order = buyer.post(
        "/api/v1/checkout",
        basket(ring=1) | {"shipping_address": ADDRESS | there, "notes": SCRIPT, "pan": PAN},
        Idempotency_Key="k",
    )
    assert order.status_code == 201, order.text
    bought = purchase(shop, buyer, ring=1)
    deliver(shop, shop.customer(role="staff"), bought)
    line = {"sku": "RING", "quantity": 1, "reason": "damaged", "comment": SCRIPT}
    wish = {"lines": [line], "comment": SCRIPT}
    back = buyer.post(f"/api/v1/orders/{bought.order_id}/returns", wish)
    assert back.status_code == 201, back.text
    given_up = buyer.post(f"/api/v1/orders/{order.json['id']}/cancel", {"reason": SCRIPT})
    assert given_up.status_code == 200, given_up.text

    pages = [
        *MENU, f"/orders/{order.json['id']}", f"/orders/{bought.order_id}",
        f"/returns/{back.json['id']}", f"/people/{buyer.id}", f"/orders/?q={SCRIPT}",
        f"/people/?q={SCRIPT}",
    ]  # fmt: skip
    seen = 0
    for path in pages:
        text = admin.get(path).text
        seen += text.count("&lt;script&gt;alert(1)")
        assert "<script>alert" not in text, path
        assert "<img src=x" not in text, path
        assert "\"'<" not in text, path
    # That they were shown at all.
    assert seen >= 10


def test_attack_43_a_list_filtered_by_what_it_does_not_show(shop, admin):
    boss = shop.customer(role="admin")
    hidden = ("password_hash", "flt0_0", "flt1_password_hash", "refresh_id", "search", "__class__")

    for name in hidden:
        refused = boss.get(f"/api/v1/admin/accounts?{name}=x")
        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, f"#/{name}")
        shown = admin.get(f"/people/?{name}=%24argon2")
        assert re.findall(r"/people/[0-9a-f-]{36}", shown.text) == re.findall(
            r"/people/[0-9a-f-]{36}", admin.get("/people/").text
        )
        assert "argon2" not in shown.text


def test_attack_44_a_session_that_was_planted(shop, nobody):
    nobody.get("/sign-in/")
    planted = nobody.client.get_cookie("ora_pages", path="/admin").value
    assert nobody.sign_in(email_of(shop.customer(role="staff").id)).status_code == 302
    assert nobody.get("/").status_code == 200

    attacker = Browser(shop.app.test_client())
    attacker.client.set_cookie("ora_pages", planted, path="/admin")

    assert attacker.get("/").status_code == 302
    assert nobody.client.get_cookie("ora_pages", path="/admin").value != planted


@pytest.mark.parametrize("limit", ["IDLE_SECONDS", "LONGEST_SECONDS"])
def test_attack_44_a_session_that_was_left_open(staff, monkeypatch, limit):
    ahead = getattr(sessions, limit)
    real = time.time
    if limit == "LONGEST_SECONDS":
        # Somebody who clicks all day.
        for minutes in range(20, 12 * 60, 20):
            at = real() + minutes * 60
            monkeypatch.setattr(sessions.time, "time", lambda at=at: at)
            assert staff.get("/").status_code == 200, minutes
    monkeypatch.setattr(sessions.time, "time", lambda: real() + ahead + 1)

    assert staff.get("/").status_code == 302


def test_attack_45_a_form_that_is_older_than_what_it_changes(shop, session):
    shop.product("ring", 5)
    boss = shop.customer(role="admin")
    path, price = "/api/v1/admin/products/RING", {"amount": 200_000, "currency": "INR"}

    first = boss.patch(path, {"revision": 1, "price": price})
    stale = boss.patch(path, {"revision": 1, "price": price | {"amount": 100}})

    assert (first.status_code, stale.status_code, stale.json["code"]) == (
        200, 409, "product_changed",
    )  # fmt: skip
    assert session.scalars(select(Product.price)).one() == 200_000


def test_attack_46_a_role_of_ones_own_choice(shop, staff):
    clerk = shop.customer(role="staff")

    answer = clerk.post(f"/api/v1/admin/accounts/{clerk.id}/role", {"role": "admin"})

    assert answer.status_code == 403
    assert post(staff, f"/people/{staff.id}/role", role="admin") == 403
    assert staff.get("/log/").status_code == clerk.get("/api/v1/admin/audit-log").status_code == 403


def test_attack_46_money_that_one_sends_to_oneself(shop, admin, session):
    """Neither by the API nor by the page, neither as a refund nor as a return."""
    shop.product("ring", 5)
    boss, colleague = shop.customer(role="admin"), shop.customer(role="admin")
    bought = deliver(shop, colleague, purchase(shop, boss, ring=1))
    session.execute(update(Order).where(Order.id == bought.order_id).values(user_id=admin.id))
    fields = {"amount": "10", "reason": "x", "reference": "y"}
    assert post(admin, f"/orders/{bought.order_id}/refund", **fields) == 403
    session.execute(update(Order).where(Order.id == bought.order_id).values(user_id=boss.id))

    own = ask_back(boss, bought, 100)
    line = {"sku": "RING", "quantity": 1, "reason": "damaged"}
    wish = boss.post(f"/api/v1/orders/{bought.order_id}/returns", {"lines": [line]})
    decided = decide(boss, wish.json["id"])
    assert decide(colleague, wish.json["id"]).status_code == 200
    received = receive(boss, wish.json["id"], ("ring", 1, "restock"))

    refused = (own, decided, received)
    assert [(a.status_code, a.json["code"]) for a in refused] == [(403, "own_affair")] * 3
    shop.work()
    assert given_back(shop, bought.payment_id) == []
    assert ask_back(colleague, bought, 100).status_code == 202


@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1"])
def test_attack_47_a_name_that_a_spreadsheet_would_run(shop, session, admin, formula):
    shop.product("ring", 5)
    session.execute(update(Product).values(name=formula))

    file = admin.get("/reports/file?report=inventory")
    exported = shop.customer(role="admin").get("/api/v1/admin/exports/products.csv")

    for text in (file.text, exported.text):
        named = [cell for cell in read(text)[0].values() if formula.strip() in cell]
        assert named == [f"'{formula}"]
