"""Products as admins make and change them; what they change is sold so at once."""

import pytest

from tests.checkout.steps import basket, send

PATH, SHELVES = "/api/v1/admin/products", "/api/v1/admin/categories"
NEW = {
    "sku": "CROWN", "slug": "crown", "name": "The crown", "description": "Of the queen.",
    "category": "rings", "metal": "gold", "purity": "22K (916)", "gross_weight_mg": 50_000,
    "net_weight_mg": 48_000, "hsn_code": "7113", "price": {"amount": 250_000, "currency": "INR"},
    "tax_basis_points": 300,
}  # fmt: skip


@pytest.fixture
def admin(shop):
    shop.product("ring", 5)
    return shop.customer(role="admin")


def test_a_product_is_made_delivered_and_bought(shop, admin):
    made = admin.post(PATH, NEW)

    assert made.status_code == 201
    assert {name: made.json[name] for name in NEW} == NEW
    assert (made.json["revision"], made.json["on_hand"], made.json["is_active"]) == (1, 0, True)
    line = {"sku": "CROWN", "delta": 2, "kind": "receipt", "reason": "made"}
    body = {"reference": "first", "lines": [line]}
    assert admin.post("/api/v1/admin/inventory/adjustments", body).status_code == 201
    order = shop.customer().check_out(crown=1).json
    assert order["total"]["amount"] == 257_500
    assert admin.get(f"{PATH}/CROWN").json["on_hand"] == 2


def test_a_change_is_sold_so_at_once_and_orders_keep_theirs(shop, admin):
    buyer = shop.customer()
    before = send(buyer, basket(ring=1), "before").json

    change = {
        "revision": 1, "price": {"amount": 200_000, "currency": "INR"}, "tax_basis_points": 500,
        "name": "The better ring", "purchase_limit": 2,
    }  # fmt: skip
    changed = admin.patch(f"{PATH}/RING", change)

    assert (changed.status_code, changed.json["revision"]) == (200, 2)
    after = send(buyer, basket(ring=1), "after").json
    assert after["total"]["amount"] == 210_000
    assert after["lines"][0]["name"] == "The better ring"
    assert send(buyer, basket(ring=1), "third").json["code"] == "purchase_limit_exceeded"
    assert buyer.order(before["id"])["total"]["amount"] == 103_000


def test_it_is_split_over_counters_from_then_on(shop, session, admin):
    shop.product("crown", 200)
    answers = [
        admin.patch(f"{PATH}/CROWN", {"revision": revision, "counters": count})
        for revision, count in ((1, 4), (2, 65), (2, 0), (2, "4"), (2, 1))
    ]

    assert [answer.status_code for answer in answers] == [200, 422, 422, 422, 200]
    assert answers[1].json["errors"][0]["pointer"] == "#/counters"
    assert answers[0].json["counters"] == 4
    assert shop.levels("crown").available == 200


def test_what_is_taken_off_sale_is_not_bought_and_still_shown_to_staff(shop, admin):
    admin.patch(f"{PATH}/RING", {"revision": 1, "is_active": False})

    assert shop.customer().check_out(ring=1).json["code"] == "product_unavailable"
    assert shop.app.test_client().get("/api/v1/products/ring").status_code == 404
    assert admin.get(f"{PATH}/RING").json["is_active"] is False
    assert [one["sku"] for one in admin.get(f"{PATH}?is_active=false").json["items"]] == ["RING"]


def test_a_stale_form_does_not_win(admin):
    assert admin.patch(f"{PATH}/RING", {"revision": 1, "name": "First"}).status_code == 200

    late = admin.patch(f"{PATH}/RING", {"revision": 1, "name": "Second"})

    assert (late.status_code, late.json["code"], late.json["revision"]) == (
        409, "product_changed", 2,
    )  # fmt: skip
    assert admin.get(f"{PATH}/RING").json["name"] == "First"
    same = admin.patch(f"{PATH}/RING", {"revision": 2, "name": "First"})
    assert same.json["revision"] == 2


@pytest.mark.parametrize("name", ["sku", "slug", "huid"])
def test_names_belong_to_one_product(admin, name):
    first = NEW | {"huid": "AB12CD"}
    admin.post(PATH, first)
    other = NEW | {"sku": "TIARA", "slug": "tiara", "huid": "XY12CD"} | {name: first[name]}

    taken = admin.post(PATH, other)

    assert (taken.status_code, taken.json["code"]) == (409, "product_taken")
    assert taken.json["errors"][0]["pointer"] == f"#/{name}"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"category": "none"}, "#/category"),
        ({"net_weight_mg": 50_001}, "#/net_weight_mg"),
        ({"gross_weight_mg": 0}, "#/gross_weight_mg"),
        ({"price": {"amount": -1, "currency": "INR"}}, "#/price/amount"),
        ({"price": {"amount": 1, "currency": "USD"}}, "#/price/currency"),
        ({"tax_basis_points": 10_001}, "#/tax_basis_points"),
        ({"huid": "abc"}, "#/huid"),
        ({"slug": "Crown"}, "#/slug"),
        ({"stock_quantity": 5}, "#/stock_quantity"),
        ({"on_hand": 5}, "#/on_hand"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(admin, change, pointer):
    made = admin.post(PATH, NEW | change)
    assert made.status_code == 422
    assert made.json["errors"][0]["pointer"] == pointer
    assert admin.get(f"{PATH}/CROWN").json["code"] == "product_unknown"

    admin.post(PATH, NEW)
    changed = admin.patch(f"{PATH}/CROWN", {"revision": 1} | change)
    assert changed.status_code == 422
    assert changed.json["errors"][0]["pointer"] == pointer
    assert admin.get(f"{PATH}/CROWN").json["revision"] == 1


def test_pages_and_searches(shop, admin):
    for name in ("anklet", "bangle", "chain"):
        shop.product(name, 0)

    first = admin.get(f"{PATH}?limit=3").json
    second = admin.get(f"{PATH}?limit=3&cursor={first['next_cursor']}").json

    assert [one["sku"] for one in first["items"]] == ["ANKLET", "BANGLE", "CHAIN"]
    assert [one["sku"] for one in second["items"]] == ["RING"]
    assert second["next_cursor"] is None
    assert [one["sku"] for one in admin.get(f"{PATH}?q=angl").json["items"]] == ["BANGLE"]
    assert admin.get(f"{PATH}?category=none").json["items"] == []
    assert admin.get(f"{PATH}?cursor=rubbish").status_code == 422


def test_shelves_are_made_and_renamed(admin):
    made = admin.post(SHELVES, {"slug": "crowns", "name": "Crowns", "position": 2})
    assert made.status_code == 201
    assert admin.post(SHELVES, {"slug": "crowns", "name": "X"}).json["code"] == "category_taken"

    renamed = admin.patch(f"{SHELVES}/crowns", {"name": "Crowns and tiaras", "position": 0})

    assert renamed.json["name"] == "Crowns and tiaras"
    listed = admin.client.get("/api/v1/categories").json["items"]
    assert [one["name"] for one in listed] == ["Crowns and tiaras", "Rings"]
    assert admin.patch(f"{SHELVES}/none", {"name": "X"}).json["code"] == "category_unknown"
    assert admin.post(PATH, NEW | {"category": "crowns"}).json["category"] == "crowns"


def test_staff_look_and_admins_change(shop, admin):
    staff, customer = shop.customer(role="staff"), shop.customer()

    assert staff.get(PATH).status_code == 200
    for who in (staff, customer):
        assert who.post(PATH, NEW).status_code == 403
        assert who.patch(f"{PATH}/RING", {"revision": 1}).status_code == 403
        assert who.post(SHELVES, {"slug": "x", "name": "X"}).status_code == 403
    assert customer.get(PATH).status_code == 403
    assert admin.get(f"{PATH}/NONE").json["code"] == "product_unknown"
