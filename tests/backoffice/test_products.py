"""Products at the pages: found, made, changed; what is wrong is told at its field."""

import pytest
from sqlalchemy import func, select

from app.catalog.models import Product
from tests.backoffice.browser import words

RING = "/products/RING"
GOOD = {
    "name": "The better ring", "slug": "better-ring", "description": "A better piece.",
    "category": "rings", "metal": "gold", "purity": "22K (916)", "gross_weight_mg": "8.25 g",
    "net_weight_mg": "7.9", "stone": "", "huid": "AB12CD", "hsn_code": "7113", "price": "₹2,000",
    "tax_basis_points": "5", "purchase_limit": "1", "low_stock_threshold": "2", "counters": "1",
    "is_active": "on",
}  # fmt: skip
# What is wrong, and what is said at that field.
WRONG = [
    ({"price": "dear"}, "is no amount of rupees"), ({"price": ""}, "null"),
    ({"name": ""}, "Shorter than minimum"), ({"name": "\x00"}, "name"),
    ({"tax_basis_points": "x"}, "is no percentage"), ({"tax_basis_points": "101"}, "tax"),
    ({"hsn_code": "ring"}, "hsn"), ({"purchase_limit": "-1"}, "purchase"),
    ({"description": "x" * 3_000}, "description"), ({"gross_weight_mg": "heavy"}, "is no weight"),
    ({"gross_weight_mg": "0"}, "gross"), ({"net_weight_mg": "9"}, "is more than gross"),
    ({"category": "none"}, "is no category of the shop"), ({"huid": "ab"}, "huid"),
    ({"slug": "The Ring"}, "slug"), ({"counters": "65"}, "Must be"), ({"counters": ""}, "counters"),
    ({"counters": "0"}, "Must be"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def ring(shop):
    shop.product("ring", 5)


def count(session):
    return session.scalar(select(func.count()).select_from(Product))


def test_they_are_found_by_name_category_and_whether_they_are_on_sale(shop, admin, staff):
    shop.product("chain", 1)
    admin.send(RING, "/change", **{k: v for k, v in GOOD.items() if k != "is_active"})

    everything = words(staff.get("/products/"))
    assert "The better ring" in everything
    assert "The chain" in everything
    assert "The chain" not in words(staff.get("/products/?q=better"))
    assert "The chain" not in words(staff.get("/products/?on_sale=no"))
    assert "The better ring" not in words(staff.get("/products/?on_sale=yes"))
    assert "No product is so." in words(staff.get("/products/?category=none"))
    for odd in ("q=%00", "category=%00", "on_sale=perhaps"):
        assert staff.get(f"/products/?{odd}").status_code == 200


def test_staff_read_what_it_is_and_do_not_change_it(session, staff):
    shown = staff.get(RING)

    assert "The ring" in words(shown)
    assert "HSN 7113" in words(shown)
    assert "/change" not in shown.text
    token = shown.text.split('name="csrf_token" value="')[1].split('"')[0]
    for action in ("RING/change", "make"):
        data = {"csrf_token": token} | GOOD
        assert staff.client.post(f"/admin/products/{action}", data=data).status_code == 403
    assert "better" not in session.scalars(select(Product.name)).one()


def test_a_change_is_sold_so_at_once(shop, admin):
    assert admin.send(RING, "/change", **GOOD).status_code == 302

    order = shop.customer().check_out(ring=1).json
    assert order["lines"][0]["name"] == "The better ring"
    assert order["total"]["amount"] == 210_000
    product = shop.app.test_client().get("/api/v1/products/better-ring").json
    assert (product["gross_weight_mg"], product["net_weight_mg"]) == (8_250, 7_900)
    assert 'value="8.250"' in admin.get(RING).text


def test_it_is_split_over_counters_from_then_on(shop, session, admin, staff):
    shop.product("crown", 200)
    admin.send("/products/CROWN", "/change", **GOOD | {"slug": "crown", "counters": "4"})

    assert session.scalars(select(Product.on_hand_by_counter)).all() == [None, [50] * 4]
    assert "Split over 4 counters, which have 50 units" in words(staff.get("/stock/CROWN"))
    assert "up to 4" in words(staff.get("/products/CROWN"))


def test_a_box_that_is_not_ticked_takes_it_off_sale(shop, admin):
    admin.send(RING, "/change", **{k: v for k, v in GOOD.items() if k != "is_active"})

    assert shop.customer().check_out(ring=1).json["code"] == "product_unavailable"
    assert "off sale" in words(admin.get(RING))


def test_a_form_that_is_sent_as_it_stands_changes_nothing(session, admin):
    before = session.scalars(select(Product)).one()
    kept = {c.key: getattr(before, c.key) for c in Product.__table__.c}

    assert admin.send(
        RING, "/change", description=before.description, category="rings", is_active="on"
    ).status_code == 302  # fmt: skip

    session.expire_all()
    after = session.scalars(select(Product)).one()
    assert {c.key: getattr(after, c.key) for c in Product.__table__.c} == kept


def test_a_stale_form_does_not_win(admin):
    admin.send(RING, "/change", **GOOD)

    admin.send(RING, "/change", **GOOD | {"name": "Late", "revision": "1"})

    shown = words(admin.get(RING))
    assert "Somebody changed this product since you read it" in shown
    assert "The better ring" in shown


@pytest.mark.parametrize(("wrong", "why"), WRONG)
def test_what_makes_no_sense_changes_nothing_and_is_told_at_its_field(session, admin, wrong, why):
    answer = admin.send(RING, "/change", **GOOD | wrong)

    assert answer.status_code == 422
    assert "Nothing was changed." in words(answer)
    told = answer.text.split('aria-invalid="true"')
    assert len(told) == 2, why
    assert 'class="wrong"' in told[1]
    # What was right stays written.
    assert "₹2,000" in answer.text or "price" in wrong
    assert session.scalars(select(Product.revision)).one() == 1


def test_an_odd_revision_is_refused(session, admin):
    admin.send(RING, "/change", **GOOD | {"revision": "x"})

    assert "The form is not one of ours." in words(admin.get(RING))
    assert session.scalars(select(Product.revision)).one() == 1


class TestANewOne:
    def test_it_is_made_and_none_is_on_hand(self, shop, session, admin):
        made = admin.send("/products/new", "/make", sku="BETTER-1", **GOOD)

        assert made.headers["Location"].endswith("/admin/products/BETTER-1")
        assert "The better ring is made." in words(admin.get("/products/BETTER-1"))
        assert count(session) == 2
        admin.send(
            "/stock/BETTER-1", "/adjust", delta="2", kind="receipt", reason="Made in the workshop"
        )
        assert shop.customer().check_out(better_1=1).status_code == 201

    @pytest.mark.parametrize(("wrong", "why"), [*WRONG, ({"sku": "a b"}, "sku"), ({"sku": ""}, "")])
    def test_what_makes_no_sense_is_told_and_not_made(self, session, admin, wrong, why):
        answer = admin.send("/products/new", "/make", **{"sku": "BETTER-1"} | GOOD | wrong)

        assert answer.status_code == 422
        assert "Nothing was made." in words(answer)
        assert answer.text.count('aria-invalid="true"') == 1, why
        assert count(session) == 1

    @pytest.mark.parametrize(
        ("taken", "name"), [({"sku": "RING"}, "sku"), ({"slug": "ring"}, "slug")]
    )
    def test_a_name_that_is_taken_is_told_at_its_field(self, session, admin, taken, name):
        answer = admin.send("/products/new", "/make", **{"sku": "BETTER-1"} | GOOD | taken)

        assert answer.status_code == 422
        at = answer.text.split(f'name="{name}"')[1].split("</label>")[0]
        assert "belongs to another product" in at
        assert count(session) == 1
