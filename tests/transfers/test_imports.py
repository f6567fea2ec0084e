"""Files are imported whole or not at all, once, and say what is wrong with them row by row."""

from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.catalog.models import Product
from app.core import jobs
from app.transfers import import_products, imports
from app.transfers.models import Import
from tests.checkout.steps import at_once
from tests.transfers.files import HEADER, PATH, errors, hand_in, imported, product, read, table

STOCK = ("sku", "delta", "kind", "reason")


@pytest.fixture
def admin(shop):
    shop.product("ring", 5)
    return shop.customer(role="admin")


def skus(session):
    session.expire_all()
    return session.scalars(select(Product.sku).order_by(Product.sku)).all()


class TestProducts:
    def test_new_ones_are_made_and_known_ones_changed(self, shop, admin, session):
        file = table(
            HEADER,
            product("CROWN", price_paise=250_000),
            product("RING", slug="ring", name="The better ring", price_paise=200_000),
        )

        ended = imported(shop, admin, file)

        assert (ended["status"], ended["rows"], ended["rows_done"]) == ("done", 2, 2)
        assert ended["counts"] == {"created": 1, "updated": 1}
        assert skus(session) == ["CROWN", "RING"]
        order = shop.customer().check_out(ring=1).json
        assert order["total"]["amount"] == 206_000
        assert shop.on_hand("ring") == 5
        again = imported(shop, admin, file)
        assert again["counts"] == {"unchanged": 2}

    def test_columns_that_are_left_out_stay_as_they_are(self, shop, admin):
        ended = imported(shop, admin, table(("sku", "price_paise"), ("RING", 300_000)))

        assert ended["counts"] == {"updated": 1}
        shown = admin.get("/api/v1/admin/products/RING").json
        assert (shown["name"], shown["price"]["amount"]) == ("The ring", 300_000)

    def test_a_dry_run_tells_what_would_change_and_changes_nothing(self, shop, admin, session):
        file = table((*HEADER, "purchase_limit"), [*product("CROWN"), 1], [*product("RING"), 2])

        ended = imported(shop, admin, file, dry_run="true")

        assert (ended["status"], ended["counts"]) == ("done", {"created": 1, "updated": 1})
        assert skus(session) == ["RING"]
        assert shop.customer().check_out(ring=3).status_code == 201

    def test_counters_are_split_over_from_then_on(self, shop, admin, session):
        shop.product("chain", 200)

        imported(shop, admin, table(("sku", "counters"), ("CHAIN", 4)))

        split = select(Product.on_hand_by_counter).where(Product.sku == "CHAIN")
        assert session.scalars(split).one() == [50] * 4

    def test_a_purchase_limit_holds_from_then_on(self, shop, admin):
        buyer = shop.customer()
        assert buyer.check_out(ring=1).status_code == 201

        imported(shop, admin, table(("sku", "purchase_limit"), ("RING", 1)))

        assert buyer.check_out(ring=1).json["code"] == "purchase_limit_exceeded"

    def test_one_bad_row_and_nothing_is_imported(self, shop, admin, session):
        shop.product("chain", 0)
        file = table(
            HEADER,
            product("CROWN"),
            product("TIARA", price_paise="cheap"),
            product("ORB", category="none", gross_weight_mg=1),
            product("RING", slug="ring", tax_basis_points=""),
            product("CROWN"),
            product("sceptre"),
            product("MACE", slug="chain"),
            product("STAFF", hsn_code="seven"),
        )

        ended = imported(shop, admin, file)

        assert ended["status"] == "refused"
        assert ended["counts"] == {}
        found = errors(ended)
        assert [row for row, *_ in found] == sorted(row for row, *_ in found)
        assert {(row, column) for row, column, _ in found} == {
            (3, "price_paise"), (4, "net_weight_mg"), (6, "sku"), (6, "slug"), (7, "sku"),
            (8, "slug"), (9, "hsn_code"),
        }  # fmt: skip
        assert skus(session) == ["CHAIN", "RING"]
        listed = admin.get(f"{PATH}/{ended['id']}/errors.csv")
        assert listed.mimetype == "text/csv"
        assert [(int(one["row"]), one["column"], one["detail"]) for one in read(listed.text)] == [
            (row, column or "", detail) for row, column, detail in found
        ]

    def test_a_category_that_is_none_is_told_of(self, shop, admin):
        ended = imported(shop, admin, table(HEADER, product("CROWN", category="none")))

        assert errors(ended) == [(2, "category", "is no category of the shop")]

    def test_a_new_product_needs_all_of_it(self, shop, admin):
        ended = imported(shop, admin, table(("sku", "price_paise"), ("CROWN", 1)))

        assert {column for _, column, _ in errors(ended)} == set(HEADER) - {"sku", "price_paise"}

    def test_two_workers_import_it_once(self, shop, admin, session):
        taken = hand_in(admin, table(HEADER, *(product(f"PIN-{n}") for n in range(50)))).json

        at_once([lambda: imports.work(UUID(taken["id"]))] * 4)
        shop.work("announcements", "mail")

        ended = admin.get(f"{PATH}/{taken['id']}").json
        assert ended["status"] == "done"
        assert len(skus(session)) == 51

    def test_one_that_dies_half_way_has_done_nothing_and_is_begun_again(
        self, shop, admin, session, monkeypatch
    ):
        taken = hand_in(admin, table(HEADER, *(product(f"PIN-{n}") for n in range(50)))).json
        put, calls = import_products._put, []

        def die(*args):
            calls.append(args)
            if len(calls) == 30:
                raise RuntimeError("the worker dies here")
            return put(*args)

        monkeypatch.setattr(import_products, "_put", die)
        shop.work("announcements", "mail")
        assert skus(session) == ["RING"]
        assert admin.get(f"{PATH}/{taken['id']}").json["status"] == "running"

        monkeypatch.setattr(import_products, "_put", put)
        imports.work(UUID(taken["id"]))
        ended = admin.get(f"{PATH}/{taken['id']}").json
        assert (ended["status"], ended["counts"]) == ("done", {"created": 50})

    def test_how_far_it_is_can_be_seen_meanwhile(self, admin, monkeypatch):
        monkeypatch.setattr(import_products, "STRIDE", 2)
        taken = hand_in(admin, table(HEADER, *(product(f"PIN-{n}") for n in range(5)))).json
        seen = []

        def look(_):
            shown = admin.get(f"{PATH}/{taken['id']}").json
            seen.append((shown["status"], shown["rows_done"]))

        imports.work(UUID(taken["id"]), look)

        assert seen == [("running", 0), ("running", 2), ("running", 4)]


class TestStock:
    def test_changes_are_booked_together_and_once(self, shop, admin):
        shop.product("chain", 0)
        file = table(STOCK, ("RING", -2, "write_off", "broken"), ("CHAIN", 7, "receipt", "made"))

        ended = imported(shop, admin, file, "stock")
        imports.work(UUID(ended["id"]))

        assert (ended["status"], ended["counts"]) == ("done", {"adjusted": 2})
        assert (shop.on_hand("ring"), shop.on_hand("chain")) == (3, 7)
        assert (shop.levels("ring").available, shop.levels("chain").available) == (3, 7)

    def test_one_that_dies_after_the_booking_ends_without_booking_again(
        self, shop, admin, monkeypatch
    ):
        taken = hand_in(admin, table(STOCK, ("RING", 2, "", "found")), "stock").json
        end = imports._end
        monkeypatch.setattr(imports, "_end", None)
        with pytest.raises(TypeError):
            imports.work(UUID(taken["id"]))
        assert shop.on_hand("ring") == 7

        monkeypatch.setattr(imports, "_end", end)
        shop.work("announcements", "mail")

        assert shop.on_hand("ring") == 7
        assert admin.get(f"{PATH}/{taken['id']}").json["status"] == "done"

    @pytest.mark.parametrize("dry_run", ["true", "false"])
    def test_what_cannot_be_taken_away_stops_all_of_it(self, shop, admin, dry_run):
        shop.product("chain", 0)
        shop.customer().check_out(ring=4)
        file = table(STOCK, ("CHAIN", 7, "receipt", "made"), ("RING", -2, "", "counted"))

        ended = imported(shop, admin, file, "stock", dry_run=dry_run)

        assert errors(ended) == [(3, "delta", "only 1 are available")]
        assert (shop.on_hand("ring"), shop.on_hand("chain")) == (5, 0)

    def test_a_dry_run_books_nothing(self, shop, admin):
        file = table(STOCK, ("RING", -2, "", "counted"))

        assert imported(shop, admin, file, "stock", dry_run="true")["status"] == "done"
        assert shop.on_hand("ring") == 5

    def test_bad_rows_are_told_of(self, shop, admin):
        file = table(
            STOCK, ("RING", 0, "", "x"), ("NONE", 1, "", "x"), ("RING", 1, "", "x"),
            ("CHAIN", 1, "gift", "x"), ("PIN", "one", "", ""),
        )  # fmt: skip

        ended = imported(shop, admin, file, "stock")

        assert {(row, column) for row, column, _ in errors(ended)} == {
            (2, "delta"), (4, "sku"), (5, "kind"), (6, "delta"), (6, "reason"),
        }  # fmt: skip
        unknown = imported(shop, admin, table(STOCK, ("NONE", 1, "", "x")), "stock")
        assert errors(unknown) == [(2, "sku", "is no product of the shop")]


class TestFiles:
    @pytest.mark.parametrize(
        ("file", "says"),
        [
            (b"", "sku is missing"),
            (b"sku\r\n", "no rows"),
            (b"sku;name\r\nRING;x\r\n", "sku;name is unknown"),
            (b"sku,colour\r\nRING,red\r\n", "colour is unknown"),
            (b"sku,sku\r\nRING,RING\r\n", "sku is there twice"),
            (b"name\r\nThe ring\r\n", "sku is missing"),
            (b"sku,\r\nRING,x\r\n", "a column without a name is unknown"),
            (b"sku,name\r\nRING\r\n", "Row 2 has 1 cells, not 2"),
            (b"sku,name\r\nRING,a,b\r\n", "Row 2 has 3 cells, not 2"),
            (b'sku,name\r\nRING,"a\r\n', "Near line"),
            ("sku,name\r\nRING,Ä\r\n".encode("latin-1"), "not UTF-8"),
            (b"sku,name\r\nRING,a\x00b\r\n", "not text"),
        ],
    )
    def test_what_is_no_table_of_this_kind_is_refused_at_once(self, admin, session, file, says):
        refused = hand_in(admin, file)

        assert (refused.status_code, refused.json["code"]) == (422, "file_refused")
        assert says in refused.json["detail"]
        assert session.scalar(select(func.count(Import.id))) == 0

    def test_a_mark_of_utf_8_and_empty_lines_are_no_matter(self, shop, admin):
        file = "\ufeff" + table(("sku", "name"), ("RING", "रिंग")) + "\r\n\r\n"

        assert imported(shop, admin, file)["counts"] == {"updated": 1}
        assert admin.get("/api/v1/admin/products/RING").json["name"] == "रिंग"

    def test_too_much_is_refused(self, admin):
        many = table(("sku", "name"), *((f"PIN-{n}", "x") for n in range(10_001)))
        large = b"sku,name\r\nRING," + b"x" * (4 * 1024 * 1024)
        changes = table(STOCK, *((f"PIN-{n}", 1, "", "x") for n in range(1_001)))

        for refused in (
            hand_in(admin, many),
            hand_in(admin, large),
            hand_in(admin, changes, "stock"),
        ):
            assert refused.status_code == 413

    def test_only_csv_is_taken(self, admin):
        for content_type in ("application/json", "text/plain", None):
            refused = admin.client.post(
                f"{PATH}?kind=products", data=b"{}", content_type=content_type,
                headers=admin.headers,
            )  # fmt: skip
            assert (refused.status_code, refused.json["code"]) == (415, "not_csv")

    @pytest.mark.parametrize("query", ["", "?kind=orders", "?kind=products&dry_run=maybe"])
    def test_what_it_is_has_to_be_said(self, admin, query):
        refused = admin.client.post(
            f"{PATH}{query}", data=b"sku\r\n", content_type="text/csv", headers=admin.headers
        )

        assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")

    def test_admins_hand_in_and_staff_look(self, shop, admin):
        file = table(("sku", "name"), ("RING", "x"))
        ended = imported(shop, admin, file)
        staff, customer = shop.customer(role="staff"), shop.customer()

        assert hand_in(staff, file).status_code == hand_in(customer, file).status_code == 403
        assert [one["id"] for one in staff.get(PATH).json["items"]] == [ended["id"]]
        assert staff.get(f"{PATH}?kind=stock").json["items"] == []
        assert customer.get(PATH).status_code == 403
        none = f"{PATH}/00000000-0000-4000-8000-000000000000"
        assert staff.get(none).json["code"] == "import_not_found"
        assert staff.get(f"{none}/errors.csv").status_code == 404

    def test_its_text_is_kept_no_longer_than_needed(self, shop, admin, session):
        imported(shop, admin, table(("sku", "name"), ("RING", "x")))

        assert session.scalars(select(Import.text)).all() == [None]
        assert jobs.JOBS["transfers.work_import"] == "mail"
