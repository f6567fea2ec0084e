"""Reports at the pages."""

import pytest
from sqlalchemy import select

from app.audit.models import Record
from tests.backoffice.browser import words
from tests.payments.purchase import purchase
from tests.sheets import read_sheet
from tests.transfers.files import read


@pytest.mark.parametrize(
    "name", ["sales", "payments", "funnel", "products", "taxes", "returns", "inventory", "none"]
)
def test_every_report_has_a_page_and_a_file(shop, staff, name):
    shop.product("ring", 5, price=12_345_600)
    bought = purchase(shop, ring=1)
    bought.tell("payment.captured", bought.pay())
    shop.work()

    shown, file = staff.get(f"/reports/?report={name}"), staff.get(f"/reports/file?report={name}")
    sheet = staff.get(f"/reports/file?report={name}&kind=xlsx")

    assert (shown.status_code, file.status_code, sheet.status_code) == (200, 200, 200)
    assert file.mimetype == "text/csv"
    lines, cells = read(file.text), read_sheet(sheet.data).rows
    assert len(cells) == len(lines) + 1
    if name in ("sales", "none"):
        assert "₹1,27,159.68" in words(shown)
        assert lines[-1]["total_paise"] == "12715968"
        assert "127159.68" in [cell.value for cell in cells[-1]]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_who_took_a_file_is_written_down(session, staff, kind):
    file = staff.get(f"/reports/file?report=sales&from=2026-11-01&to=2026-11-02&kind={kind}")

    assert file.headers["Content-Disposition"] == f'attachment; filename="sales.{kind}"'
    assert file.headers["Cache-Control"] == "no-store"

    query = select(Record.actor, Record.subject, Record.after).where(Record.action == "export")
    assert [tuple(row) for row in session.execute(query)] == [
        (f"staff:{staff.id}", "report sales", {"first": "2026-11-01", "last": "2026-11-02"})
    ]


def test_a_period_that_is_none_is_said(staff):
    answer = staff.get("/reports/?from=2026-11-02&to=2026-11-01")

    assert answer.status_code == 422
    assert "is after to" in words(answer)
