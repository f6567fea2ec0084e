"""Files at the pages: tried, looked at, imported; refused in words, and nothing is changed."""

import io
import re
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.audit.models import Record
from app.catalog.models import Product
from app.merchandising import products
from app.transfers import tables
from app.transfers.models import Import
from tests.backoffice.browser import words
from tests.backoffice.doors import post, token_of
from tests.transfers.files import HEADER, product, read, table

NEW_PRICE = "sku,price_paise\r\nRING,12345600\r\n"


@pytest.fixture
def ring(shop):
    shop.product("ring", 5)
    return shop


def upload(browser, content, name="prices.csv", **fields):
    raw = content.encode() if isinstance(content, str) else content
    file = {} if content is None else {"file": (io.BytesIO(raw), name)}
    answer = browser.send("/imports/", "/upload", **{"kind": "products"} | fields | file)
    # Where it is large, the client that sends it leaves a file open.
    answer.request.environ["wsgi.input"].close()
    return answer


def tried(shop, browser, content, **fields):
    """Hand a file in, have it tried; gives its page."""
    answer = upload(browser, content, **fields)
    assert answer.status_code == 302, words(answer)
    shop.work("announcements", "mail")
    return answer.headers["Location"].removeprefix("/admin")


def price(session):
    session.expire_all()
    return session.scalars(select(Product.price)).one()


class TestTrying:
    def test_before_there_is_one(self, admin):
        assert "No file was handed in yet" in words(admin.get("/imports/"))

    def test_what_would_change_is_shown_and_nothing_is_changed(self, ring, session, admin):
        file = table(
            (*HEADER, "low_stock_threshold"),
            [*product("CROWN"), 3], [*product("RING", slug="ring", price_paise=1_23_456_00), 1],
        )  # fmt: skip

        shown = words(admin.get(tried(ring, admin, file)))

        assert "Created 1 row" in shown
        assert "price: ₹1,000.00 → ₹1,23,456.00" in shown
        assert "CROWN new" in shown
        assert "tax: 3 %" in shown
        assert "Nothing is changed yet" in shown
        assert session.scalars(select(Product.sku)).all() == ["RING"]

    def test_while_it_waits_the_page_looks_again_and_then_no_more(self, ring, admin):
        path = upload(admin, NEW_PRICE).headers["Location"].removeprefix("/admin")

        waiting = admin.get(path)
        assert 'data-again="2"' in waiting.text
        assert "0 of 1 rows" in words(waiting)
        ring.work("announcements", "mail")
        assert "data-again" not in admin.get(path).text

    def test_every_error_is_named_by_row_and_column(self, ring, session, admin):
        bad = "sku,price_paise,name\r\nRING,cheap,x\r\nRING,5,\r\nNONE,7,y\r\n"

        path = tried(ring, admin, bad)

        shown = words(admin.get(path))
        assert "Nothing was changed" in shown
        assert "2 price_paise Not a valid integer." in shown
        assert "3 sku stands on row 2 already" in shown
        assert "4 slug Missing data" in shown
        assert "Import it" not in shown
        listed = read(admin.get(f"{path}/errors.csv").text)
        assert listed[0] == {"row": "2", "column": "price_paise", "detail": "Not a valid integer."}
        assert post(admin, f"{path}/apply") == 409
        assert price(session) == 100_000

    def test_many_rows_are_shown_page_by_page(self, ring, admin):
        rows = [product(f"PIN-{number:03}") for number in range(150)]
        path = tried(ring, admin, table(HEADER, *rows))

        first = admin.get(path).text

        assert "PIN-099" in first
        assert "PIN-100" not in first
        more = re.search(r'class="more" href="/admin([^"]+begin=100)"', first)[1]
        assert "PIN-149" in admin.get(more).text
        for odd in ("-1", "x", "9" * 30, "99999", "%00"):
            assert admin.get(f"{path}?begin={odd}").status_code == 200

    def test_a_formula_and_a_tag_are_texts(self, ring, admin):
        formula, script = '=HYPERLINK("http://evil.example")', "<script>alert(1)</script>"
        path = tried(ring, admin, table(("sku", "name", "stone"), ("RING", formula, script)))

        assert script not in admin.get(path).text
        assert formula in words(admin.get(path))
        admin.send(path, "/apply")
        ring.work("announcements", "mail")
        [row] = read(admin.get("/imports/export/products").text)
        assert (row["name"], row["stone"]) == (f"'{formula}", script)

    @pytest.mark.parametrize(
        ("content", "name", "told"),
        [
            (None, "", "choose a file first"), (b"", "a.csv", "is empty"),
            (b"\r\n \r\n", "a.csv", "is empty"), (NEW_PRICE, "a.xlsx", "is no CSV file"),
            (NEW_PRICE, "a", "is no CSV file"), (b"PK\x03\x04rest", "a.csv", "is no CSV file"),
            (b"sku,price_paise\r\n", "a.csv", "has no rows"), (b"\x00", "a.csv", "is not text"),
            (b"sku,colour\r\nRING,x\r\n", "a.csv", "colour is unknown"),
            (b"sku,name\r\nRING,\xff\r\n", "a.csv", "not UTF-8"),
            (b"name\r\nx\r\n", "a.csv", "sku is missing"),
            (b"sku,name\r\nRING\r\n", "a.csv", "Row 2 has 1 cells, not 2"),
            (b"sku,name\r\n" + b"RING,x\r\n" * 10_001, "a.csv", "10000 rows are taken"),
            (b"x" * (tables.MOST_BYTES + 1), "a.csv", "4 MiB are taken"),
        ],
    )  # fmt: skip
    def test_what_is_no_such_file_is_told_at_its_field(self, session, admin, content, name, told):
        answer = upload(admin, content, name)

        assert answer.status_code == 422
        label = answer.text.split('name="file"')[1].split("</label>")[0]
        assert told in words(type("Page", (), {"text": label}))
        assert session.scalar(select(func.count(Import.id))) == 0

    def test_a_kind_that_there_is_not(self, session, admin):
        answer = upload(admin, NEW_PRICE, kind="orders")

        assert answer.status_code == 422
        assert "is none of products, stock" in words(answer)
        assert session.scalar(select(func.count(Import.id))) == 0

    def test_a_file_that_is_too_large_is_refused_before_it_is_read(self, session, admin):
        answer = admin.client.post(
            "/admin/imports/upload", data=bytes(tables.MOST_BYTES + 100_000),
            content_type="multipart/form-data; boundary=x",
        )  # fmt: skip

        assert answer.status_code == 413
        assert "Too Large" in words(answer)
        assert session.scalar(select(func.count(Import.id))) == 0


class TestImporting:
    def test_it_is_imported_and_written_down(self, ring, session, admin):
        path = tried(ring, admin, NEW_PRICE)

        answer = admin.send(path, "/apply")
        ring.work("announcements", "mail")

        assert price(session) == 12_345_600
        done = answer.headers["Location"].removeprefix("/admin")
        assert "Updated 1 row" in words(admin.get(done))
        assert f'href="/admin{done}"' in admin.get(path).text
        assert "Import it" not in words(admin.get(path))
        listed = words(admin.get("/imports/"))
        assert "products, imported done 1 of 1 1 updated" in listed
        query = select(Record.after["price"].as_integer()).where(
            Record.subject == "products", Record.action == "update"
        )
        assert session.scalars(query).all() == [12_345_600]

    def test_sent_twice_it_is_imported_once(self, ring, admin):
        path = tried(ring, admin, "sku,delta,reason\r\nRING,2,found\r\n", kind="stock")
        data = {"csrf_token": token_of(admin)}

        places = [
            admin.client.post(f"/admin{path}/apply", data=data).headers["Location"]
            for _ in range(2)
        ]
        ring.work("announcements", "mail")

        assert places[0] == places[1]
        assert ring.on_hand("ring") == 7
        assert "on hand: 5 → 7" in words(admin.get(path))

    def test_what_somebody_changed_since_is_not_overwritten(self, ring, session, admin):
        path = tried(ring, admin, NEW_PRICE)
        products.change_product("RING", revision=1, values={"price": 77})

        answer = admin.send(path, "/apply")
        ring.work("announcements", "mail")

        shown = words(admin.get(answer.headers["Location"].removeprefix("/admin")))
        assert "2 all of it RING was changed since the file was tried" in shown
        assert price(session) == 77

    def test_what_is_so_already_is_not_offered(self, ring, admin):
        path = tried(ring, admin, "sku,price_paise\r\nRING,100000\r\n")

        shown = words(admin.get(path))

        assert "Everything is so already" in shown
        assert "Import it" not in shown

    def test_there_is_no_such_file(self, admin):
        assert admin.get(f"/imports/{uuid4()}").status_code == 404
        assert admin.get("/imports/x").status_code == 404
        assert post(admin, f"/imports/{uuid4()}/apply") == 404


def test_a_template_has_the_columns_and_an_export_comes_in_again(ring, admin):
    for kind in tables.KINDS:
        template = admin.get(f"/imports/template/{kind}")
        assert template.headers["Content-Disposition"].endswith(f'"{kind}-template.csv"')
        columns = [column.name for column in tables.KINDS[kind].columns]
        assert template.text.removeprefix("\ufeff") == ",".join(columns) + "\r\n"
    assert admin.get("/imports/template/orders").status_code == 404

    exported = admin.get("/imports/export/products").data
    assert "Everything is so already" in words(admin.get(tried(ring, admin, exported)))
    assert "RING" in admin.get("/imports/export/stock").text


def test_staff_hand_nothing_in(ring, session, staff):
    assert "/admin/imports/" not in staff.get("/").text
    for path in ("/", f"/{uuid4()}", "/template/stock", "/export/products"):
        assert staff.get(f"/imports{path}").status_code == 403
    data = {"csrf_token": token_of(staff), "kind": "products"}
    file = {"file": (io.BytesIO(NEW_PRICE.encode()), "prices.csv")}
    assert staff.client.post("/admin/imports/upload", data=data | file).status_code == 403
    assert session.scalar(select(func.count(Import.id))) == 0
    assert ring
