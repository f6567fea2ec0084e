"""Exports: whole tables, line by line, that can be imported again."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.audit.models import Record
from app.catalog.models import Product
from app.transfers import exports, tables
from tests.payments.purchase import purchase
from tests.transfers.files import imported, read

PATH = "/api/v1/admin/exports"


@pytest.fixture
def staff(shop):
    shop.product("ring", 5)
    shop.product("chain", 2, price=250_000, huid="AB12CD", stone="=1+1", is_active=False)
    return shop.customer(role="staff")


def test_products_come_out_as_they_go_in(shop, staff):
    exported = staff.get(f"{PATH}/products.csv")

    assert exported.mimetype == "text/csv"
    assert exported.headers["Content-Disposition"] == 'attachment; filename="products.csv"'
    chain, ring = read(exported.text)
    assert (chain["sku"], chain["price_paise"], chain["is_active"]) == ("CHAIN", "250000", "false")
    assert (ring["sku"], ring["huid"], ring["stone"]) == ("RING", "", "")
    # A spreadsheet is not to run it.
    assert chain["stone"] == "'=1+1"
    admin = shop.customer(role="admin")
    assert imported(shop, admin, exported.text)["counts"] == {"unchanged": 2}


TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=30
).filter(lambda text: text.strip() == text)


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@example(name="'=1+1", stone="''-5", description="'quoted'")
@given(name=TEXTS, stone=st.none() | TEXTS, description=TEXTS)
def test_whatever_a_product_is_called_it_comes_back_unchanged(
    session, staff, name, stone, description
):
    """Quotes, commas, formulas, apostrophes and all scripts."""
    values = {"name": name, "stone": stone, "description": description}
    session.execute(update(Product).where(Product.sku == "RING").values(values))

    text = "".join(exports.export("products")).removeprefix("\ufeff")

    [row] = [row for row in tables.read("products", text) if row.cells["sku"] == "RING"]
    kept = {key: row.cells.get(key) for key in values}
    assert kept == values
    assert staff.token


def test_the_stock_of_all_products(shop, staff):
    for number in range(250):
        shop.product(f"pin_{number:03}", 1)
    shop.customer().check_out(ring=2)

    rows = {row["sku"]: row for row in read(staff.get(f"{PATH}/stock.csv").text)}

    assert len(rows) == 252
    assert rows["RING"] == {
        "sku": "RING", "name": "The ring", "on_hand": "5", "reserved": "2", "committed": "0",
        "available": "3", "low_stock_threshold": "1",
    }  # fmt: skip


def test_orders_by_status_and_time(shop, staff, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    bought = [purchase(shop, ring=1) for _ in range(5)]
    bought[0].buyer.post(f"/api/v1/orders/{bought[0].order_id}/cancel")

    rows = read(staff.get(f"{PATH}/orders.csv").text)

    assert [row["id"] for row in rows] == [one.order_id for one in bought]
    assert rows[1]["total_paise"] == "103000"
    assert rows[1]["lines"] == "1 RING"
    assert rows[1]["ship_to_state"] == "Tamil Nadu"
    cancelled = read(staff.get(f"{PATH}/orders.csv?status=cancelled").text)
    assert [row["id"] for row in cancelled] == [bought[0].order_id]
    assert read(staff.get(f"{PATH}/orders.csv?until=2020-01-01T00:00:00Z").text) == []
    assert staff.get(f"{PATH}/orders.csv?status=none").status_code == 422
    assert staff.get(f"{PATH}/orders.csv?since=yesterday").status_code == 422


def test_a_large_table_is_never_whole_in_memory(shop, staff, session, monkeypatch):
    """Rows are read as the client takes them."""
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    for number in range(6):
        shop.product(f"pin_{number}", 0)

    lines = exports.export("products")
    first = [next(lines) for _ in range(3)]
    session.execute(update(Product).values(name="changed meanwhile"))
    rest = "".join(lines)

    assert "changed meanwhile" not in "".join(first)
    assert rest.count("changed meanwhile") >= 5
    assert staff.token


def test_who_exported_what_is_written_down(staff, session):
    staff.get(f"{PATH}/orders.csv?status=pending").text  # noqa: B018

    query = select(Record.actor, Record.subject, Record.after).where(Record.action == "export")
    assert [tuple(row) for row in session.execute(query)] == [
        (f"staff:{staff.id}", "orders", {"status": "pending"})
    ]


def test_customers_export_nothing(shop):
    for name in ("products", "stock", "orders"):
        assert shop.customer().get(f"{PATH}/{name}.csv").status_code == 403
