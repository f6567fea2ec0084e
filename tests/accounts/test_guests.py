"""Guests buy without an account, by mail address and phone; what they had comes along later."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.accounts.models import User
from app.core.db import transaction
from app.fulfilment.leave import forget_unverified
from tests.builders import ADDRESS, PASSWORD, Customer
from tests.checkout.steps import basket

CONTACT = {"name": "Asha Rao", "email": "asha@example.com", "phone": "9876543210"}
KEPT = CONTACT | {"phone": "+919876543210"}


def come_in(shop):
    client = shop.app.test_client()
    tokens = client.post("/api/v1/auth/guest")
    assert tokens.status_code == 201
    token = tokens.json["access_token"]
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json
    return Customer(client, me["id"], token)


@pytest.fixture
def guest(shop):
    shop.product("ring", 5)
    shop.product("chain", 5)
    return come_in(shop)


def buy(guest, contact=CONTACT, key="k", **lines):
    body = basket(**lines or {"ring": 1}) | {"contact": contact}
    return guest.post("/api/v1/checkout", body, Idempotency_Key=key)


def cart(customer):
    answer = customer.get("/api/v1/cart").json
    return {line["sku"]: line["quantity"] for line in answer["lines"]}


def put(customer, sku, quantity):
    answer = customer.put(f"/api/v1/cart/items/{sku}", {"quantity": quantity})
    assert answer.status_code == 200, answer.json


def register(client, token=None, email="asha@example.com"):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"email": email, "password": PASSWORD, "name": "Asha Rao"}
    return client.post("/api/v1/auth/register", json=body, headers=headers)


def log_in(client, email, token=None):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    credentials = {"email": email, "password": PASSWORD}
    return client.post("/api/v1/auth/login", json=credentials, headers=headers)


class TestBuying:
    def test_from_the_cart_to_the_mail(self, shop, guest, session):
        put(guest, "RING", 2)
        body = {"shipping_address": ADDRESS, "contact": CONTACT}
        order = guest.post("/api/v1/checkout", body, Idempotency_Key="k")
        assert order.status_code == 201, order.json

        opened = guest.open_payment(order.json["id"])
        assert opened["prefill"]["email"] == "asha@example.com"
        shop.capture(opened)
        shop.work()

        assert guest.order(order.json["id"])["status"] == "confirmed"
        assert cart(guest) == {}
        titles = [one["title"] for one in guest.get("/api/v1/notifications").json["items"]]
        assert any(order.json["number"] in title for title in titles)
        [kept] = session.execute(select(User.email, User.phone, User.role, User.name))
        assert tuple(kept) == ("asha@example.com", "+919876543210", "guest", "Asha Rao")

    def test_once_told_is_enough(self, guest):
        assert buy(guest).status_code == 201
        assert buy(guest, contact=None, key="other").status_code == 201

    @pytest.mark.parametrize("left_out", [None, "name", "email", "phone"])
    def test_nobody_is_sold_to_who_cannot_be_reached(self, shop, guest, left_out):
        contact = left_out and {k: v for k, v in CONTACT.items() if k != left_out}

        refused = buy(guest, contact)

        assert refused.status_code == 422
        pointer = f"#/contact/{left_out}" if left_out else "#/contact"
        assert [error["pointer"] for error in refused.json["errors"]] == [pointer]
        assert shop.levels("ring").reserved == 0

    @pytest.mark.usefixtures("guest")
    def test_who_has_an_account_has_told_already(self, shop):
        customer = shop.customer()

        refused = buy(customer)

        assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/contact")

    def test_an_address_that_an_account_has_is_no_secret_and_no_key(self, shop, guest, session):
        """Whoever tells somebody's address gets neither their account nor a hint that it is."""
        client = shop.app.test_client()
        assert register(client).status_code == 201

        assert buy(guest).status_code == 201

        assert log_in(client, "asha@example.com").status_code == 200
        client.post("/api/v1/auth/forgot-password", json={"email": "asha@example.com"})
        assert len(session.scalars(select(User).where(User.email == "asha@example.com")).all()) == 2

    def test_many_guests_may_tell_one_address(self, shop, guest):
        assert buy(guest).status_code == 201
        assert buy(come_in(shop)).status_code == 201


class TestFindingAgain:
    def test_an_order_is_found_by_its_number_and_the_address(self, shop, guest):
        order = buy(guest).json
        client = shop.app.test_client()
        path = "/api/v1/orders/track"

        found = client.post(path, json={"number": order["number"], "email": "Asha@example.com"})

        again = Customer(client, guest.id, found.json["access_token"])
        assert again.order(order["id"])["number"] == order["number"]
        for wrong in (
            {"number": order["number"], "email": "other@example.com"},
            {"number": "ORA-0000-0000-0000", "email": "asha@example.com"},
        ):
            assert client.post(path, json=wrong).json["code"] == "order_not_found"

    @pytest.mark.usefixtures("guest")
    def test_an_order_of_an_account_is_not(self, shop, session):
        customer = shop.customer()
        order = customer.check_out(ring=1).json
        email = session.scalars(select(User.email).where(User.id == customer.id)).one()

        found = shop.app.test_client().post(
            "/api/v1/orders/track", json={"number": order["number"], "email": email}
        )

        assert found.status_code == 404


class TestComingBackWithAnAccount:
    def test_registering_keeps_the_orders_and_the_cart(self, guest):
        order = buy(guest).json
        put(guest, "CHAIN", 2)

        made = register(guest.client, guest.token)

        assert made.status_code == 201
        assert made.json["account"]["role"] == "customer"
        customer = Customer(guest.client, made.json["account"]["id"], made.json["access_token"])
        assert [one["id"] for one in customer.get("/api/v1/orders").json["items"]] == [order["id"]]
        assert cart(customer) == {"CHAIN": 2}
        assert log_in(guest.client, "asha@example.com").status_code == 200

    def test_registering_twice_with_one_guests_token_is_refused_the_second_time(self, guest):
        assert register(guest.client, guest.token).status_code == 201
        assert register(guest.client, guest.token).json["code"] == "email_taken"

    def test_an_address_that_is_taken_leaves_the_guest_as_it_was(self, guest):
        register(guest.client)
        put(guest, "RING", 1)

        refused = register(guest.client, guest.token)

        assert (refused.status_code, refused.json["code"]) == (409, "email_taken")
        assert cart(guest) == {"RING": 1}
        assert guest.get("/api/v1/me").json["role"] == "guest"

    def test_signing_in_puts_the_guests_cart_into_the_accounts(self, guest):
        account = register(guest.client).json
        customer = Customer(guest.client, account["account"]["id"], account["access_token"])
        put(customer, "RING", 1)
        put(guest, "RING", 2)
        put(guest, "CHAIN", 3)

        for _ in range(2):
            assert log_in(guest.client, "asha@example.com", guest.token).status_code == 200

        assert cart(customer) == {"RING": 2, "CHAIN": 3}
        assert cart(guest) == {}

    def test_what_a_cart_cannot_take_is_saved_for_later(self, shop, guest):
        account = register(guest.client).json
        customer = Customer(guest.client, account["account"]["id"], account["access_token"])
        for number in range(60):
            shop.product(f"pin_{number:02}", 5)
            put(customer if number < 40 else guest, f"PIN-{number:02}", 1)

        log_in(guest.client, "asha@example.com", guest.token)

        shown = customer.get("/api/v1/cart").json
        assert len(shown["lines"]) == 50
        assert {line["sku"] for line in shown["saved"]} == {f"PIN-{n}" for n in range(50, 60)}

    @pytest.mark.parametrize("token", ["rubbish", ""])
    def test_a_token_that_cannot_be_used_is_told_of_and_the_cart_stays(self, guest, token):
        register(guest.client)
        put(guest, "RING", 1)

        headers = {"Authorization": f"Bearer {token}"}
        credentials = {"email": "asha@example.com", "password": PASSWORD}
        refused = guest.client.post("/api/v1/auth/login", json=credentials, headers=headers)

        assert (refused.status_code, refused.json["code"]) == (401, "unauthenticated")
        assert cart(guest) == {"RING": 1}

    def test_a_customers_token_sent_along_changes_nothing(self, shop, guest):
        other = shop.customer()
        put(other, "RING", 1)
        register(guest.client)

        assert log_in(guest.client, "asha@example.com", other.token).status_code == 200
        assert cart(other) == {"RING": 1}


class TestAccounts:
    def test_a_guest_is_given_no_role_and_no_password(self, shop, guest):
        buy(guest)
        admin = shop.customer(role="admin")

        given = admin.post(f"/api/v1/admin/accounts/{guest.id}/role", {"role": "staff"})

        assert given.json["code"] == "account_not_found"
        assert log_in(guest.client, "asha@example.com").json["code"] == "wrong_credentials"
        for path in ("/api/v1/admin/orders", "/api/v1/admin/accounts"):
            assert guest.get(path).status_code == 403
        listed = admin.get("/api/v1/admin/accounts?role=guest").json["items"]
        assert [one["id"] for one in listed] == [guest.id]

    def test_a_guest_may_be_forgotten(self, guest):
        put(guest, "RING", 1)

        gone = guest.client.delete("/api/v1/me", json={"password": "none"}, headers=guest.headers)

        assert gone.status_code == 204
        assert guest.get("/api/v1/me").status_code == 401

    def test_guests_who_bought_nothing_are_forgotten_after_a_while(self, shop, guest, session):
        buyer, looker = guest, come_in(shop)
        buy(buyer)
        put(looker, "RING", 1)
        long_ago = User.created_at - timedelta(days=60)
        session.execute(update(User).values(created_at=long_ago))

        with transaction() as opened:
            assert forget_unverified(opened, timedelta(days=30), limit=10) == 1

        assert buyer.get("/api/v1/me").status_code == 200
        assert looker.get("/api/v1/me").status_code == 401
