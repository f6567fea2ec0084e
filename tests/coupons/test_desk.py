"""Coupons as staff make, find and change them."""

from datetime import UTC, datetime, timedelta

import pytest

from app.coupons import desk
from app.coupons.models import Coupon
from tests.coupons.till import PATH, buy, coupon, rupees, uses

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


@pytest.fixture
def admin(shop):
    return shop.customer(role="admin")


def test_a_coupon_is_made_shown_and_listed(shop, admin):
    made = admin.post(PATH, {"code": "diwali-10", "basis_points": 1_000, "usage_limit": 5})

    assert made.status_code == 201
    assert made.json["code"] == "DIWALI-10"
    assert (made.json["uses"], made.json["revision"], made.json["is_active"]) == (0, 1, True)
    staff = shop.customer(role="staff")
    assert staff.get(f"{PATH}/DIWALI-10").json == made.json
    assert staff.get(PATH).json == {"items": [made.json], "next_cursor": None}
    assert staff.get(f"{PATH}?is_active=false").json["items"] == []


def test_only_admins_make_and_change_coupons(shop):
    staff, customer = shop.customer(role="staff"), shop.customer()
    coupon(shop)

    assert staff.post(PATH, {"code": "MINE", "basis_points": 1}).status_code == 403
    assert staff.patch(f"{PATH}/DIWALI", {"revision": 1}).status_code == 403
    for path in (PATH, f"{PATH}/DIWALI"):
        assert customer.get(path).status_code == 403


def test_a_code_is_taken_once(shop, admin):
    coupon(shop)

    again = admin.post(PATH, {"code": "diwali", "basis_points": 5})

    assert (again.status_code, again.json["code"]) == (409, "coupon_taken")


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        ({}, "#"),
        ({"basis_points": 5, "amount": rupees(5)}, "#"),
        ({"basis_points": 0}, "#/basis_points"),
        ({"basis_points": 10_001}, "#/basis_points"),
        ({"amount": rupees(0)}, "#/amount"),
        ({"amount": rupees(-1)}, "#/amount/amount"),
        ({"basis_points": 5, "maximum_discount": rupees(0)}, "#/maximum_discount"),
        ({"basis_points": 5, "usage_limit": 0}, "#/usage_limit"),
        ({"basis_points": 5, "starts_at": "2026-01-01"}, "#/starts_at"),
        ({"basis_points": 5, "ends_at": "2020-01-01T00:00:00Z"}, "#/ends_at"),
        ({"basis_points": 5, "uses": 3}, "#/uses"),
    ],
)
def test_terms_that_make_no_sense_are_refused_by_name(admin, terms, pointer):
    refused = admin.post(PATH, {"code": "ODD"} | terms)

    assert refused.status_code == 422, refused.json
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]
    assert admin.get(PATH).json["items"] == []


def test_a_stale_form_does_not_win(shop, admin):
    coupon(shop)
    assert admin.patch(f"{PATH}/DIWALI", {"revision": 1, "is_active": False}).json["revision"] == 2

    late = admin.patch(f"{PATH}/DIWALI", {"revision": 1, "basis_points": 5_000})

    assert (late.status_code, late.json["code"], late.json["revision"]) == (
        409, "coupon_changed", 2,
    )  # fmt: skip
    assert admin.get(f"{PATH}/DIWALI").json["basis_points"] == 1_000


def test_a_share_can_become_an_amount_and_orders_keep_their_price(shop, admin):
    shop.product("ring", 5)
    coupon(shop)
    buyer = shop.customer()
    order = buy(buyer, "DIWALI", ring=1).json

    change = {"revision": 1, "basis_points": None, "amount": rupees(5)}
    assert admin.patch(f"{PATH}/DIWALI", change).json["amount"] == rupees(5)
    both = admin.patch(f"{PATH}/DIWALI", {"revision": 2, "basis_points": 10})
    assert (both.status_code, both.json["errors"][0]["pointer"]) == (422, "#/basis_points")

    assert buy(buyer, "DIWALI", ring=1).json["discount"] == rupees(5)
    assert buyer.order(order["id"])["discount"] == rupees(100)


def test_a_limit_is_not_set_below_what_is_used(shop, admin, session):
    shop.product("ring", 5)
    coupon(shop)
    for _ in range(2):
        buy(shop.customer(), "DIWALI", ring=1)

    refused = admin.patch(f"{PATH}/DIWALI", {"revision": 1, "usage_limit": 1})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "#/usage_limit")
    assert admin.patch(f"{PATH}/DIWALI", {"revision": 1, "usage_limit": 2}).status_code == 200
    assert buy(shop.customer(), "DIWALI", ring=1).json["code"] == "coupon_used_up"
    assert uses(session) == (2, 2, 2)


def test_there_is_no_such_coupon(admin):
    for response in (admin.get(f"{PATH}/NONE"), admin.patch(f"{PATH}/NONE", {"revision": 1})):
        assert (response.status_code, response.json["code"]) == (404, "coupon_not_found")


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "active"),
        ({"starts_at": LATER}, "to come"),
        ({"ends_at": LATER}, "active"),
        ({"ends_at": NOW}, "expired"),
        ({"usage_limit": 2}, "used up"),
        ({"usage_limit": 3}, "active"),
        ({"is_active": False, "ends_at": NOW, "usage_limit": 2}, "off"),
    ],
)
def test_what_a_coupon_is_in_a_word(change, state):
    terms = {"starts_at": NOW - timedelta(days=1), "is_active": True, "uses": 2}

    assert desk.state_of(Coupon(**terms | change), NOW) == state
