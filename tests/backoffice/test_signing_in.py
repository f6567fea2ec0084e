"""Nobody sees a page who is not signed in, may not, or sat idle; and no form is forged."""

import time

import pytest

from app.backoffice import sessions
from tests.backoffice.browser import Browser, email_of, enter, give_role, words
from tests.builders import PASSWORD

PAGES = ["/", "/orders/", "/stock/", "/webhooks/"]


@pytest.mark.parametrize("path", [*PAGES, "/stock/RING", "/webhooks/event/x"])
def test_who_is_not_signed_in_is_sent_to_the_door(shop, nobody, path):
    shop.product("ring", 5)

    answer = nobody.get(path)

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/admin/sign-in/")
    assert "The ring" not in answer.text


def test_after_signing_in_they_are_where_they_wanted_to_go(shop, nobody):
    staff = shop.customer(role="staff")

    answer = nobody.sign_in(email_of(staff.id), next="/admin/stock/?low=1")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/stock/?low=1")
    assert nobody.get("/").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["//evil.example/admin/", "https://evil.example/admin/", "javascript:alert(1)", "/\\evil",
     "/api/v1/me", "/admin/\\evil", ""],
)  # fmt: skip
def test_nobody_is_sent_to_another_house(shop, nobody, address):
    staff = shop.customer(role="staff")

    answer = nobody.sign_in(email_of(staff.id), next=address)

    assert answer.headers["Location"] == "/admin/"


@pytest.mark.parametrize("role", ["customer", "guest"])
def test_customers_are_told_no_more_than_strangers(shop, nobody, role):
    customer = shop.customer()
    give_role(customer.id, role)

    as_customer = nobody.sign_in(email_of(customer.id))
    as_stranger = nobody.sign_in("nobody@example.com")
    wrong = nobody.sign_in(email_of(shop.customer(role="staff").id), "not the password")

    assert {as_customer.status_code, as_stranger.status_code, wrong.status_code} == {401}
    told = "do not belong together"
    assert all(told in words(one) for one in (as_customer, as_stranger, wrong))
    assert nobody.get("/").status_code == 302


def test_the_cookie_goes_to_no_script_and_no_other_path(shop, nobody):
    answer = nobody.sign_in(email_of(shop.customer(role="staff").id))

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("ora_pages=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/admin"} <= {p.strip() for p in cookie.split(";")}
    assert "Set-Cookie" not in shop.app.test_client().get("/api/v1/products").headers


def test_who_signs_out_is_out_with_every_copy_of_the_cookie(shop, staff):
    copy = Browser(shop.app.test_client())
    cookie = staff.client.get_cookie("ora_pages", path="/admin")
    copy.client.set_cookie("ora_pages", cookie.value, path="/admin")
    assert copy.get("/").status_code == 200

    assert staff.send("/", "/sign-in/out").status_code == 302

    assert staff.get("/").status_code == 302
    assert copy.get("/").status_code == 302


def test_who_is_let_go_is_out_with_the_next_click(staff):
    assert staff.get("/").status_code == 200

    give_role(staff.id, "customer")

    assert staff.get("/").status_code == 302


def test_a_new_password_ends_the_pages_too(shop, staff):
    headers = shop.customer(role="staff")
    del headers
    body = {"email": email_of(staff.id), "password": PASSWORD}
    tokens = shop.app.test_client().post("/api/v1/auth/login", json=body).json
    shop.app.test_client().post(
        "/api/v1/auth/logout-everywhere",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
    )

    assert staff.get("/").status_code == 302


@pytest.mark.parametrize(("limit", "name"), [("IDLE_SECONDS", "idle"), ("LONGEST_SECONDS", "long")])
def test_an_open_till_closes_by_itself(staff, monkeypatch, limit, name):
    real, ahead = time.time, getattr(sessions, limit) + 1
    monkeypatch.setattr(sessions.time, "time", lambda: real() + ahead)

    assert staff.get("/").status_code == 302, name


def test_a_form_without_its_token_changes_nothing(shop, admin):
    shop.product("ring", 5)

    for data in ({}, {"csrf_token": "forged"}):
        answer = admin.client.post("/admin/stock/RING/adjust", data=data | {"delta": "5"})
        assert answer.status_code == 400
        assert "Nothing was changed" in words(answer)
    assert shop.on_hand("ring") == 5
    assert admin.client.post("/admin/sign-in/", data={"email": "x"}).status_code == 400


def test_a_token_of_another_session_is_none(shop, admin, staff):
    shop.product("ring", 5)
    stolen = staff.get("/stock/RING").text.split('name="csrf_token" value="')[1].split('"')[0]

    answer = admin.client.post(
        "/admin/stock/RING/adjust", data={"csrf_token": stolen, "delta": "5"}
    )

    assert answer.status_code == 400
    assert shop.on_hand("ring") == 5


def test_what_only_admins_may_is_refused_on_the_server(shop, staff):
    """Hidden in the page, and refused where somebody sends it all the same."""
    assert "Work the chosen ones again" not in staff.get("/webhooks/").text
    token = staff.get("/").text.split('name="csrf_token" value="')[1].split('"')[0]
    order = shop.customer().id

    for path in ("/webhooks/replay", f"/orders/{order}/refund"):
        answer = staff.client.post(f"/admin{path}", data={"csrf_token": token})
        assert answer.status_code == 403, path


@pytest.mark.parametrize("path", [*PAGES, "/sign-in/", "/stock/NONE"])
def test_nothing_foreign_runs_and_nothing_is_kept(admin, path):
    answer = admin.get(path)

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert " onclick=" not in answer.text
    assert " style=" not in answer.text
    assert "<script>" not in answer.text
    assert "https://" not in answer.text


def test_an_account_is_tried_ten_times(another_app, shop):
    staff = shop.customer(role="staff")
    browser = Browser(another_app(rate_limits="on"))

    answers = [browser.sign_in(email_of(staff.id), "wrong").status_code for _ in range(11)]

    assert answers == [401] * 10 + [429]
    locked = browser.sign_in(email_of(staff.id))
    assert locked.status_code == 429
    assert "Try again in" in words(locked)
    assert enter(shop, "staff").get("/").status_code == 200
