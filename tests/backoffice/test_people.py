"""People at the pages: found, seen with what they ordered, given roles by admins."""

import pytest

from app.accounts.models import User
from tests.backoffice.browser import email_of, words
from tests.payments.purchase import purchase


@pytest.fixture
def bought(shop):
    shop.product("ring", 5)
    return purchase(shop, ring=1)


def test_they_are_listed_by_role_and_found_by_mail(shop, staff, bought):
    email = email_of(bought.buyer.id)

    assert email in words(staff.get("/people/"))
    assert email not in words(staff.get("/people/?view=staff"))
    assert email in words(staff.get(f"/people/?q={email.upper()}"))
    assert "Nobody has this mail address." in words(staff.get("/people/?q=none@example.com"))
    for odd in ("q=%00", "view=none"):
        assert staff.get(f"/people/?{odd}").status_code == 200
    assert shop


def test_somebody_with_what_they_ordered(staff, bought):
    shown = words(staff.get(f"/people/{bought.buyer.id}"))

    assert bought.buyer.order(bought.order_id)["number"] in shown
    assert "May work as" not in shown


def test_a_role_is_given_and_old_sessions_end(session, admin, staff, bought):
    path = f"/people/{bought.buyer.id}"

    assert admin.send(path, "/role", role="staff").status_code == 302
    admin.send(f"/people/{staff.id}", "/role", role="customer")

    session.expire_all()
    assert session.get(User, bought.buyer.id).role == "staff"
    assert staff.get("/").status_code == 302


def test_the_last_admin_stays_and_odd_roles_are_none(session, admin):
    admin.send(f"/people/{admin.id}", "/role", role="staff")
    assert "last admin" in words(admin.get(f"/people/{admin.id}"))
    admin.send(f"/people/{admin.id}", "/role", role="owner")
    assert "is none of" in words(admin.get(f"/people/{admin.id}"))
    assert session.get(User, admin.id).role == "admin"


def test_there_is_nobody_of_that_id(staff):
    answer = staff.get("/people/00000000-0000-4000-8000-000000000000")

    assert answer.status_code == 404
    assert "There is no such account." in words(answer)
