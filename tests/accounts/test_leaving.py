"""Accounts that change, get a role, or are erased."""

import pytest
from sqlalchemy import func, select

from app.accounts.models import Address, User
from app.orders.models import Order
from tests.api.snapshot import everything
from tests.builders import ADDRESS, PASSWORD
from tests.checkout.steps import at_once
from tests.payments.purchase import purchase


def leave(customer, password=PASSWORD):
    return customer.client.delete(
        "/api/v1/me", json={"password": password}, headers=customer.headers
    )


def test_name_and_phone_are_changed_and_nothing_else(shop):
    buyer = shop.customer()
    before = buyer.get("/api/v1/me").json
    body = {"name": "Meera Rao", "phone": None}

    changed = buyer.client.patch("/api/v1/me", json=body, headers=buyer.headers)

    assert changed.json == before | body
    wrong = buyer.client.patch("/api/v1/me", json={"role": "admin"}, headers=buyer.headers)
    assert wrong.status_code == 422
    assert buyer.get("/api/v1/me").json == before | body


class TestErasing:
    """Who leaves is forgotten; what they bought is not."""

    def test_everything_about_them_is_gone_and_their_orders_stay(self, shop, session):
        shop.product("ring", 2)
        buyer = shop.customer()
        email = buyer.get("/api/v1/me").json["email"]
        buyer.post("/api/v1/me/addresses", ADDRESS)
        buyer.put("/api/v1/cart/items/RING", {"quantity": 1})
        bought = purchase(shop, buyer, ring=1)
        buyer.post(f"/api/v1/orders/{bought.order_id}/cancel")

        assert leave(buyer).status_code == 204

        user = session.scalars(select(User)).one()
        assert user.email == f"{buyer.id}@deleted.invalid"
        assert (user.name, user.phone) == ("Deleted", None)
        assert session.scalar(select(func.count()).select_from(Address)) == 0
        assert session.scalar(select(func.count()).select_from(Order)) == 1
        assert buyer.get("/api/v1/me").json["code"] == "session_ended"
        again = {"email": email, "password": PASSWORD, "name": "Meera"}
        assert buyer.client.post("/api/v1/auth/register", json=again).status_code == 201
        shop.work("announcements", "mail")

    def test_nobody_signs_in_to_an_erased_account(self, shop):
        buyer = shop.customer()
        leave(buyer)

        for password in ("-", PASSWORD):
            body = {"email": f"{buyer.id}@deleted.invalid", "password": password}
            assert buyer.client.post("/api/v1/auth/login", json=body).status_code == 401

    def test_with_an_order_under_way_nobody_leaves(self, shop, session, redis):
        shop.product("ring", 1)
        buyer = shop.customer()
        buyer.check_out(ring=1)
        before = everything(session, redis)

        refused = leave(buyer)

        assert (refused.status_code, refused.json["code"]) == (409, "orders_under_way")
        assert everything(session, redis) == before

    def test_by_the_password_alone_and_not_staff(self, shop, session, redis):
        buyer, clerk = shop.customer(), shop.customer(role="staff")
        before = everything(session, redis)

        assert leave(buyer, "a guess of somebody").json["code"] == "wrong_password"
        assert leave(clerk).json["code"] == "staff_cannot_leave"
        assert everything(session, redis) == before


class TestRoles:
    """Admins say who works in the shop."""

    @pytest.fixture
    def admin(self, shop):
        return shop.customer(role="admin")

    def give(self, admin, user_id, role):
        return admin.post(f"/api/v1/admin/accounts/{user_id}/role", {"role": role})

    def test_a_customer_becomes_staff(self, shop, session, admin):
        buyer = shop.customer()

        assert self.give(admin, buyer.id, "staff").json["role"] == "staff"

        email = session.scalars(select(User.email).where(User.id == buyer.id)).one()
        body = {"email": email, "password": PASSWORD}
        tokens = buyer.client.post("/api/v1/auth/login", json=body).json
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert buyer.client.get("/api/v1/admin/orders", headers=headers).status_code == 200

    def test_the_last_admin_stays_one(self, session, redis, admin):
        before = everything(session, redis)

        refused = self.give(admin, admin.id, "customer")

        assert (refused.status_code, refused.json["code"]) == (409, "last_admin")
        assert everything(session, redis) == before

    def test_two_admins_who_step_down_at_once_leave_one(self, shop, session, admin):
        other = shop.customer(role="admin")

        answers = at_once(
            [lambda one=one: self.give(one, one.id, "customer") for one in (admin, other)]
        )

        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert session.scalar(select(func.count()).where(User.role == "admin")) == 1

    def test_only_admins_and_only_what_there_is(self, shop, admin):
        clerk = shop.customer(role="staff")

        assert self.give(clerk, clerk.id, "admin").status_code == 403
        assert clerk.get("/api/v1/admin/accounts").status_code == 403
        assert self.give(admin, clerk.id, "king").status_code == 422
        nobody = "01926e3f-90c5-7d2b-b6a7-3f0c9d0b6a51"
        assert self.give(admin, nobody, "staff").json["code"] == "account_not_found"

    def test_accounts_are_found(self, shop, admin):
        clerk = shop.customer(role="staff")
        email = clerk.get("/api/v1/me").json["email"]

        for query in ("role=staff", f"email={email}"):
            found = admin.get(f"/api/v1/admin/accounts?{query}").json["items"]
            assert [account["id"] for account in found] == [str(clerk.id)]
