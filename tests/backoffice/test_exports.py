"""Orders, stock and products as files, from the pages."""

import pytest
from sqlalchemy import select

from app.audit.models import Record
from app.transfers import exports
from tests.backoffice.browser import enter
from tests.payments.purchase import purchase
from tests.transfers.files import read


def taken(session):
    query = select(Record.actor, Record.subject, Record.after).where(Record.action == "export")
    return [tuple(row) for row in session.execute(query)]


def test_the_orders_of_a_tab(shop, session, staff):
    shop.product("ring", 5)
    kept, paid = purchase(shop, ring=1), purchase(shop, ring=2)
    paid.tell("payment.captured", paid.pay())
    shop.work()

    unpaid = staff.get("/orders/export?view=unpaid")

    assert (unpaid.status_code, unpaid.mimetype) == (200, "text/csv")
    assert unpaid.headers["Content-Disposition"] == 'attachment; filename="orders.csv"'
    assert unpaid.headers["Cache-Control"] == "no-store"
    assert [row["id"] for row in read(unpaid.text)] == [kept.order_id]
    everything = read(staff.get("/orders/export?view=all").text)
    assert [row["id"] for row in everything] == [kept.order_id, paid.order_id]
    who = f"staff:{staff.id}"
    assert taken(session) == [(who, "orders", {"status": "pending"}), (who, "orders", {})]


def test_products_and_stock(shop, session, staff):
    shop.product("ring", 5)

    for kind, column in (("products", "price_paise"), ("stock", "available")):
        file = staff.get(f"/stock/export/{kind}")
        assert file.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
        assert file.headers["Cache-Control"] == "no-store"
        [row] = read(file.text)
        assert (row["sku"], row[column]) == ("RING", "100000" if kind == "products" else "5")
    assert [subject for _, subject, _ in taken(session)] == ["products", "stock"]
    assert staff.get("/stock/export/secrets").status_code == 404


@pytest.mark.parametrize(
    ("page", "link"),
    [("/orders/?view=to+pack", "/orders/export?view=to+pack"), ("/stock/", "/stock/export/stock")],
)
def test_the_page_leads_to_it(staff, page, link):
    assert f'href="/admin{link}"' in staff.get(page).text


def test_a_file_begins_before_the_shop_is_read_through(shop, staff, monkeypatch):
    """The first line is sent while the rest has not been asked for."""
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    shop.product("ring", 5)
    for _ in range(2):
        purchase(shop, ring=1)

    answer = staff.client.get("/admin/orders/export", buffered=False)
    lines = answer.iter_encoded()
    header, first = next(lines), next(lines)
    late = purchase(shop, ring=1)

    assert header.decode("utf-8-sig").startswith("id,number")
    assert late.order_id not in first.decode()
    assert late.order_id in b"".join(lines).decode()


@pytest.mark.parametrize("path", ["/orders/export", "/stock/export/products"])
def test_only_who_works_here_takes_files(shop, session, nobody, path):
    assert nobody.get(path).status_code == 302
    assert taken(session) == []
    assert enter(shop, "staff").get(path).status_code == 200
