"""Coupons at the pages: found, made, changed, switched off, and what used them."""

import pytest
from sqlalchemy import func, select, update

from app.audit.models import Record
from app.coupons.models import Coupon
from tests.backoffice.browser import words
from tests.coupons.till import buy, coupon, rupees

GOOD = {"code": "diwali-10", "basis_points": "10", "description": "For the feast"}


def the_coupon(session):
    session.expire_all()
    return session.scalars(select(Coupon)).one()


def ended(session, code):
    day = func.make_interval(0, 0, 0, 1)
    session.execute(
        update(Coupon).where(Coupon.code == code)
        .values(starts_at=func.now() - 2 * day, ends_at=func.now() - day)
    )  # fmt: skip
    session.commit()


class TestFinding:
    def test_before_there_is_one(self, staff):
        assert "No coupon was made yet" in words(staff.get("/coupons/"))

    def test_by_what_they_are_and_by_a_piece_of_the_code(self, shop, session, staff):
        for code, more in (("OPEN", {}), ("GONE", {}), ("CLOSED", {"is_active": False})):
            coupon(shop, code, **more)
        ended(session, "GONE")

        shown = {
            view: {code for code in ("OPEN", "GONE", "CLOSED") if code in page.text}
            for view in ("all", "active", "expired", "off")
            for page in [staff.get(f"/coupons/?view={view}")]
        }

        assert shown == {
            "all": {"OPEN", "GONE", "CLOSED"}, "active": {"OPEN"}, "expired": {"GONE"},
            "off": {"CLOSED"},
        }  # fmt: skip
        found = words(staff.get("/coupons/?q=ope"))
        assert "OPEN" in found
        assert "CLOSED" not in found
        assert "No code has “none_” in it" in words(staff.get("/coupons/?q=none_"))

    def test_the_next_page_has_the_older_ones(self, shop, staff):
        for number in range(30):
            coupon(shop, f"CODE-{number:02}")

        first = staff.get("/coupons/")
        older = first.text.split('class="more" href="/admin')[-1].split('"')[0]
        second = staff.get(older.replace("&amp;", "&"))

        assert "CODE-29" in first.text
        assert "CODE-04" not in first.text
        assert "CODE-04" in second.text
        assert "CODE-29" not in second.text


class TestUse:
    def test_what_used_it_how_often_and_what_it_took_off(self, shop, staff):
        shop.product("ring", 9, price=12_34_567_00)
        coupon(shop, usage_limit=5, maximum_discount=rupees(1_00_000))
        kept = buy(shop.customer(), "DIWALI", ring=1).json
        buyer = shop.customer()
        gone = buy(buyer, "DIWALI", ring=1).json
        buyer.post(f"/api/v1/orders/{gone['id']}/cancel")

        shown = words(staff.get("/coupons/DIWALI"))

        assert "Used by 1 order, at the most by 5" in shown
        assert "Taken off in all ₹1,00,000.00" in shown
        assert "10 %, at the most ₹1,00,000.00" in shown
        assert kept["number"] in shown
        assert f"{gone['number']} " in shown
        assert shown.count("gave it back") == 1

    def test_before_anybody_used_it(self, shop, staff):
        coupon(shop)

        assert "No order used it yet" in words(staff.get("/coupons/DIWALI"))
        assert staff.get("/coupons/NONE").status_code == 404


class TestMaking:
    def test_one_is_made_and_can_be_used(self, shop, session, admin):
        shop.product("ring", 5)

        answer = admin.send("/coupons/new", "/make", **GOOD)

        assert answer.headers["Location"] == "/admin/coupons/DIWALI-10"
        assert "DIWALI-10 can be used" in words(admin.get("/coupons/DIWALI-10"))
        assert buy(shop.customer(), "DIWALI-10", ring=1).json["discount"] == rupees(100)
        query = select(Record.actor).where(Record.subject == "coupons", Record.action == "insert")
        assert session.scalars(query).all() == [f"admin:{admin.id}"]

    def test_money_and_moments_are_read_as_they_are_written_in_india(self, session, admin):
        admin.send(
            "/coupons/new", "/make", code="FEAST", amount="₹1,500.50", minimum_subtotal="1,00,000",
            starts_at="2026-11-01T00:00", ends_at="2026-11-08T23:30", usage_limit="100",
            usage_limit_per_customer="1",
        )  # fmt: skip

        made = the_coupon(session)
        assert (made.amount, made.minimum_subtotal, made.usage_limit) == (150_050, 10_000_000, 100)
        assert made.ends_at.isoformat() == "2026-11-08T18:00:00+00:00"
        shown = admin.get("/coupons/FEAST")
        assert "08 Nov 2026, 23:30" in words(shown)
        assert 'value="2026-11-08T23:30"' in shown.text
        assert 'value="₹1,00,000.00"' in shown.text

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"code": ""}, "Length"), ({"code": "ab"}, "Length"), ({"code": "a b c"}, "match"),
            ({"code": "\x00abc"}, "control"), ({"basis_points": ""}, "say a share or an amount"),
            ({"amount": "5"}, "not both"), ({"basis_points": "0"}, "is not from 0.01 to 100"),
            ({"basis_points": "100.01"}, "is not from"), ({"basis_points": "-5"}, "is not from"),
            ({"basis_points": "ten"}, "is no percentage"), ({"maximum_discount": "0"}, "nothing"),
            ({"maximum_discount": "-1"}, "is no amount"), ({"minimum_subtotal": "x"}, "no amount"),
            ({"starts_at": "2026-11-08T10:00", "ends_at": "2026-11-01T10:00"}, "not after its"),
            ({"ends_at": "2020-01-01T10:00"}, "not after its"), ({"ends_at": "soon"}, "no moment"),
            ({"ends_at": "9999-12-31T23:59"}, "is no moment"), ({"starts_at": "\x00x"}, "is no"),
            ({"starts_at": "0001-01-01T00:00"}, "is no moment"), ({"usage_limit": "0"}, "Must be"),
            ({"usage_limit": "many"}, "Not a valid integer"), ({"usage_limit": "9" * 30}, "Must"),
            ({"usage_limit_per_customer": "-1"}, "Must be"), ({"description": "x" * 600}, "Length"),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_is_told_at_its_field_and_kept(self, session, admin, fields, told):
        answer = admin.send("/coupons/new", "/make", **GOOD | fields)

        assert answer.status_code == 422
        name = next(iter({"ends_at"} & {*fields} or fields))
        label = answer.text.split(f'name="{name if name != "amount" else "basis_points"}"')[1]
        assert told.lower() in label.split("</label>")[0].lower() or fields == {"code": ""}
        assert "Nothing was made" in words(answer)
        if name != "description":
            assert 'value="For the feast"' in answer.text
        assert session.scalars(select(Coupon)).all() == []

    def test_a_code_that_is_taken_is_told_at_the_code(self, session, admin):
        admin.send("/coupons/new", "/make", **GOOD)

        again = admin.send("/coupons/new", "/make", **GOOD | {"basis_points": "50"})

        assert again.status_code == 422
        told = again.text.split('name="code"')[1].split("</label>")[0]
        assert "There is a coupon DIWALI-10." in told
        assert the_coupon(session).basis_points == 1_000


class TestChanging:
    @pytest.fixture
    def diwali(self, shop):
        coupon(shop)
        return "/coupons/DIWALI"

    def test_terms_are_changed_and_what_is_emptied_is_gone(self, session, admin, diwali):
        began = the_coupon(session).starts_at
        admin.send(diwali, "/change", basis_points="", amount="500", usage_limit="7")
        admin.send(diwali, "/change", usage_limit="")

        now = the_coupon(session)
        assert (now.basis_points, now.amount, now.usage_limit) == (None, 50_000, None)
        # Its field has no seconds, and nobody touched it.
        assert (now.revision, now.starts_at) == (3, began)

    def test_a_stale_form_does_not_win(self, session, admin, diwali):
        admin.send(diwali, "/change", basis_points="20")

        for action in ("/change", "/switch"):
            late = admin.send(diwali, action, basis_points="50", revision="1")
            assert late.headers["Location"] == "/admin/coupons/DIWALI"
            assert "Somebody changed this coupon" in words(admin.get(diwali))

        now = the_coupon(session)
        assert (now.basis_points, now.is_active) == (2_000, True)

    @pytest.mark.parametrize(
        ("fields", "told"),
        [
            ({"starts_at": ""}, "Field may not be null"), ({"basis_points": ""}, "share or an"),
            ({"amount": "5"}, "not both"), ({"usage_limit": "1"}, "below the 2 uses"),
            ({"starts_at": "2030-01-01T10:00", "ends_at": "2029-01-01T10:00"}, "not after its"),
            ({"revision": "x"}, ""), ({"revision": "9" * 40}, ""),
        ],
    )  # fmt: skip
    def test_what_makes_no_sense_changes_nothing(self, shop, session, admin, diwali, fields, told):
        shop.product("ring", 5)
        for _ in range(2):
            buy(shop.customer(), "DIWALI", ring=1)

        answer = admin.send(diwali, "/change", **fields)

        assert answer.status_code == 422
        assert told in words(answer)
        now = the_coupon(session)
        assert (now.revision, now.basis_points, now.usage_limit) == (1, 1_000, None)

    def test_it_is_switched_off_and_on(self, shop, admin, diwali):
        shop.product("ring", 5)
        assert 'data-confirm="Switch DIWALI off?' in admin.get(diwali).text

        admin.send(diwali, "/switch")
        assert "DIWALI is off" in words(admin.get(diwali))
        assert buy(shop.customer(), "DIWALI", ring=1).json["reason"] == "over"

        admin.send(diwali, "/switch")
        assert buy(shop.customer(), "DIWALI", ring=1).status_code == 201

    def test_staff_look_and_change_nothing(self, session, staff, diwali):
        page = staff.get(diwali).text
        assert "Switch" not in page
        assert "/change" not in page
        assert "New coupon" not in staff.get("/coupons/").text
        assert staff.get("/coupons/new").status_code == 403
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        for action in ("change", "switch"):
            data = {"csrf_token": token, "revision": "1"}
            assert staff.client.post(f"/admin{diwali}/{action}", data=data).status_code == 403
        assert the_coupon(session).revision == 1
