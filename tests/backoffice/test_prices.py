"""Prices at the pages: a grid and a percentage, saved whole or not at all."""

import re

import pytest
from sqlalchemy import select

from app.audit.models import Record
from app.catalog.models import Category, Product
from app.core.db import transaction
from tests.backoffice.browser import words
from tests.backoffice.doors import token_of


@pytest.fixture
def pieces(shop):
    shop.product("ring", 5)
    shop.product("chain", 5, price=99_995)
    return shop


def prices(session):
    session.expire_all()
    return dict(session.execute(select(Product.sku, Product.price)).all())


def grid(browser, path="/prices/"):
    """What a browser would send of the grid if nothing were typed."""
    page = browser.get(path).text
    form = page.split('action="/admin/prices/keep"')[1].split("</form>")[0]
    fields = re.findall(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', form)
    fields = [field for field in fields if "form=" not in field]
    boxes = re.findall(r'name="(is_active:[^"]+)"[^>]* checked', form)
    data = {name: value for name, value in fields if name not in ("sku", "csrf_token")}
    rows = re.findall(r'type="hidden" name="sku" value="([^"]+)"', form)
    return data | dict.fromkeys(boxes, "on") | {"sku": rows, "csrf_token": token_of(browser)}


def send(browser, data, action="keep", **changes):
    fields = data | {name.replace("__", ":"): value for name, value in changes.items()}
    fields = {name: value for name, value in fields.items() if value is not None}
    return browser.client.post(
        f"/admin/prices/{action}", data=fields,
        headers={"Referer": "http://localhost/admin/prices/"},
    )  # fmt: skip


class TestFinding:
    def test_before_there_is_a_product(self, admin):
        assert "The shop has no products yet" in words(admin.get("/prices/"))

    def test_by_name_and_category_page_by_page(self, shop, admin):
        for number in range(60):
            shop.product(f"pin-{number:02}", 0)
        with transaction() as session:
            session.add(Category(slug="empty", name="Nothing in it", position=2))

        first = admin.get("/prices/").text
        more = re.search(r'class="more" href="/admin([^"]+)"', first)[1].replace("&amp;", "&")

        assert "PIN-49" in first
        assert "PIN-50" not in first
        assert "PIN-50" in admin.get(more).text
        found = admin.get("/prices/?q=PIN-07&category=rings").text
        assert "PIN-07" in found
        assert "PIN-08" not in found
        assert "none in this category" in words(admin.get("/prices/?category=empty"))

    def test_staff_have_no_prices_to_change(self, staff):
        assert staff.get("/prices/").status_code == 403
        assert "/admin/prices/" not in staff.get("/").text


@pytest.mark.usefixtures("pieces")
class TestGrid:
    def test_what_was_changed_is_saved_and_nothing_else(self, pieces, session, admin):
        data = grid(admin)

        answer = send(
            admin, data, price__RING="2,500.50", tax_basis_points__RING="5", is_active__CHAIN=None,
            purchase_limit__RING="1", low_stock_threshold__CHAIN="3",
        )  # fmt: skip

        assert answer.status_code == 302
        assert "Saved: CHAIN, RING." in words(admin.get("/prices/"))
        ring, chain = (
            session.scalars(select(Product).where(Product.sku == sku)).one()
            for sku in ("RING", "CHAIN")
        )
        assert (ring.price, ring.tax_basis_points, ring.purchase_limit) == (250_050, 500, 1)
        assert (chain.price, chain.is_active, chain.low_stock_threshold) == (99_995, False, 3)
        assert pieces.customer().check_out(ring=2).json["code"] == "purchase_limit_exceeded"
        query = select(Record.actor, Record.after).where(
            Record.subject == "products", Record.after.has_key("price"), Record.action == "update"
        )
        [(actor, after)] = session.execute(query).all()
        assert (actor, after["price"]) == (f"admin:{admin.id}", 250_050)

    def test_untouched_it_changes_nothing(self, session, admin):
        assert send(admin, grid(admin)).status_code == 302
        assert "Nothing was different" in words(admin.get("/prices/"))
        assert set(session.scalars(select(Product.revision))) == {1}

    def test_sent_twice_it_is_done_once(self, session, admin):
        data = grid(admin) | {"price:RING": "2,000"}

        assert [send(admin, data).status_code for _ in range(2)] == [302, 302]
        assert prices(session)["RING"] == 200_000
        query = select(Product.revision).where(Product.sku == "RING")
        assert session.scalars(query).one() == 2

    def test_a_row_that_is_stale_is_named_and_nothing_is_saved(self, session, admin):
        late = grid(admin)
        send(admin, grid(admin), price__RING="2,000", low_stock_threshold__RING="9")

        answer = send(admin, late, price__RING="3,000", price__CHAIN="4,000")

        assert answer.status_code == 422
        assert "Nothing was saved. Look at RING." in words(answer)
        assert prices(session) == {"RING": 200_000, "CHAIN": 99_995}
        # What was typed is there still, what was left alone is as it is now.
        assert 'name="price:RING" value="3,000"' in answer.text
        assert 'name="low_stock_threshold:RING" value="9"' in answer.text

    def test_a_row_that_was_left_alone_may_be_stale(self, session, admin):
        late = grid(admin)
        send(admin, grid(admin), price__RING="2,000")

        assert send(admin, late, price__CHAIN="4,000").status_code == 302
        assert prices(session) == {"RING": 200_000, "CHAIN": 400_000}

    @pytest.mark.parametrize(
        ("name", "text", "told"),
        [
            ("price", "", "not be null"), ("price", "dear", "is no amount"),
            ("price", "-1", "no amount"), ("price", "9" * 12, "no amount"),
            ("price", "1.234", "no amount"), ("price", "\x00", "no amount"),
            ("tax_basis_points", "101", "is not from 0"), ("tax_basis_points", "", "is not from"),
            ("tax_basis_points", "-3", "is not from"), ("tax_basis_points", "x", "percentage"),
            ("purchase_limit", "-1", "Must be"), ("purchase_limit", "9" * 20, "Must be"),
            ("low_stock_threshold", "few", "Not a valid"), ("low_stock_threshold", "1.5", "Not"),
        ],
    )  # fmt: skip
    def test_a_wrong_field_is_told_beside_it_and_nothing_is_saved(
        self, session, admin, name, text, told
    ):
        data = grid(admin) | {f"{name}:RING": text, "price:CHAIN": "4,000"}

        answer = send(admin, data)

        assert answer.status_code == 422
        assert "Nothing was saved. Look at RING." in words(answer)
        assert told in answer.text.split(f'name="{name}:RING"')[1].split("</td>")[0]
        assert 'name="price:CHAIN" value="4,000"' in answer.text
        assert prices(session) == {"RING": 100_000, "CHAIN": 99_995}

    @pytest.mark.parametrize(
        "odd",
        [
            {"sku": ["NONE"]}, {"sku": ["\x00", "ring", "x" * 500]}, {"sku": []},
            {"was:RING": ""}, {"was:RING": "|" * 500}, {"revision:RING": "x"}, {"cursor": "x"},
            {"q": "\x00"},
        ],
    )  # fmt: skip
    def test_no_form_of_somebody_elses_breaks_it(self, session, admin, odd):
        answer = send(admin, grid(admin) | {"price:RING": "2,000", "price:NONE": "1"} | odd)

        assert answer.status_code in (302, 422)
        assert prices(session)["RING"] in (100_000, 200_000)


@pytest.mark.usefixtures("pieces")
class TestPercentage:
    def chosen(self, browser, share, *skus, **more):
        data = {"csrf_token": token_of(browser), "percent": share, "sku": [*skus]} | more
        return send(browser, data, "preview")

    def confirm(self, browser, preview, **changes):
        names = r'name="(percent|revision:[A-Z]+)" value="([^"]*)"'
        data = dict(re.findall(names, preview.text))
        data["sku"] = re.findall(r'name="sku" value="([^"]+)"', preview.text)
        return send(browser, data | {"csrf_token": token_of(browser)} | changes, "apply")

    def test_old_and_new_prices_are_shown_before_anything_is_saved(self, session, admin):
        shown = self.chosen(admin, "-10", "CHAIN")

        assert "₹999.95 ₹900.00 -₹99.95" in words(shown)
        assert "nearest whole rupee, half a rupee upwards" in words(shown)
        assert prices(session) == {"RING": 100_000, "CHAIN": 99_995}

        assert self.confirm(admin, shown).status_code == 302
        assert "1 price was changed" in words(admin.get("/prices/"))
        assert prices(session) == {"RING": 100_000, "CHAIN": 90_000}

    def test_all_on_the_page_of_a_search(self, session, admin):
        shown = self.chosen(admin, "+2.5 %", whole="1", q="RING")

        assert "CHAIN" not in shown.text
        self.confirm(admin, shown)
        assert prices(session) == {"RING": 102_500, "CHAIN": 99_995}

    def test_sent_twice_it_is_taken_off_once(self, session, admin):
        shown = self.chosen(admin, "-10", "RING")

        answers = [self.confirm(admin, shown) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [302, 422]
        assert "Nothing was saved: RING: changed since." in words(answers[1])
        assert prices(session)["RING"] == 90_000

    def test_a_price_that_changed_since_it_was_shown_stops_all(self, session, admin):
        shown = self.chosen(admin, "-10", "RING", "CHAIN")
        send(admin, grid(admin), price__RING="5,000")

        late = self.confirm(admin, shown)

        assert "₹5,000.00 ₹4,500.00" in words(late)
        assert prices(session) == {"RING": 500_000, "CHAIN": 99_995}
        assert self.confirm(admin, late).status_code == 302
        assert prices(session) == {"RING": 450_000, "CHAIN": 90_000}

    @pytest.mark.parametrize(
        ("share", "told"),
        [
            ("", "say by how much"), ("0", "changes nothing"), ("-100", "would leave nothing"),
            ("-250", "would leave nothing"), ("901", "is more than 900"), ("ten", "percentage"),
            ("1e3", "percentage"), ("\x00", "percentage"), ("99999999", "percentage"),
        ],
    )  # fmt: skip
    def test_a_percentage_that_makes_no_sense_is_told_at_its_field(
        self, session, admin, share, told
    ):
        answer = self.chosen(admin, share, "RING")

        assert answer.status_code == 422
        assert told in answer.text.split('name="percent"')[1].split("</label>")[0]
        data = {"csrf_token": token_of(admin), "percent": share, "sku": "RING"}
        assert send(admin, data | {"revision:RING": "1"}, "apply").status_code == 422
        assert prices(session)["RING"] == 100_000

    def test_no_price_becomes_nothing(self, pieces, session, admin):
        pieces.product("pin", 1, price=100)

        shown = self.chosen(admin, "-60", "PIN", "RING")

        assert "would cost nothing" in words(shown)
        assert "Save" not in words(shown).replace("Back, save nothing", "")
        assert self.confirm(admin, shown).status_code == 422
        assert prices(session) == {"RING": 100_000, "CHAIN": 99_995, "PIN": 100}

    def test_who_chose_nothing_is_told(self, admin):
        assert "choose products first" in words(self.chosen(admin, "-10"))
        assert self.chosen(admin, "-10", "NONE").status_code == 422
