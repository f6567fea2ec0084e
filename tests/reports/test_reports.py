"""Reports add up to what happened, by India's days; page, JSON and file say the same."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from app.core.india import INDIA
from tests.builders import ADDRESS
from tests.payments.purchase import Purchase, purchase
from tests.returns.steps import asked, decide, deliver, receive
from tests.sheets import read_sheet
from tests.transfers.files import read

PATH = "/api/v1/admin/reports"
TODAY = datetime.now(UTC).astimezone(INDIA).date()


@pytest.fixture
def staff(shop):
    return shop.customer(role="admin")


@pytest.fixture
def sold(shop, staff):
    """Three rings to Kerala, one of which came back; two chains that were not paid for."""
    shop.product("ring", 9)
    shop.product("chain", 9, price=50_000)
    buyer = shop.customer()
    body = {
        "lines": [{"sku": "RING", "quantity": 3}],
        "shipping_address": ADDRESS | {"state": "Kerala", "city": "Kochi", "pincode": "682001"},
    }
    order_id = buyer.post("/api/v1/checkout", body, Idempotency_Key="k").json["id"]
    bought = Purchase(shop, buyer, order_id, buyer.open_payment(order_id))
    deliver(shop, staff, bought)
    shop.work()
    return_id = asked(bought, ring=1)
    decide(staff, return_id)
    receive(staff, return_id, ("ring", 1, "restock"))
    shop.work()
    purchase(shop, chain=2)
    return bought


def report(staff, name, **query):
    asked_for = "&".join(f"{key}={value}" for key, value in query.items())
    answer = staff.get(f"{PATH}/{name}?{asked_for}")
    assert answer.status_code == 200, answer.json
    columns = answer.json["columns"]
    rows = [dict(zip(columns, row, strict=True)) for row in answer.json["rows"]]
    return rows, dict(zip(columns, answer.json["sums"], strict=True))


@pytest.mark.usefixtures("sold")
class TestWhatHappened:
    def test_sales_by_day(self, staff):
        rows, sums = report(staff, "sales")

        assert len(rows) == 30
        assert rows[-1] == {
            "day": str(TODAY), "orders": 1, "subtotal_paise": 300_000, "discount_paise": 0,
            "tax_paise": 9_000, "shipping_fee_paise": 0, "total_paise": 309_000,
            "refunded_paise": 103_000,
        }  # fmt: skip
        assert sums["total_paise"] == 309_000
        assert {row["orders"] for row in rows[:-1]} == {0}

    def test_a_day_begins_at_midnight_in_india(self, session, staff):
        """A quarter to midnight in India is still the day, though the evening in UTC."""
        session.execute(text("ALTER TABLE order_transitions DISABLE TRIGGER USER"))
        late = datetime(2026, 3, 31, 18, 15, tzinfo=UTC)
        session.execute(text("UPDATE order_transitions SET created_at = :late"), {"late": late})
        session.execute(text("ALTER TABLE order_transitions ENABLE TRIGGER USER"))

        rows, _ = report(staff, "sales", **{"from": "2026-03-31", "to": "2026-04-01"})

        assert [(row["day"], row["orders"]) for row in rows] == [
            ("2026-03-31", 1), ("2026-04-01", 0),
        ]  # fmt: skip

    def test_payments_by_gateway_and_way(self, staff):
        [row], _ = report(staff, "payments")

        assert (row["gateway"], row["tries"], row["captured"]) == ("razorpay", 1, 1)
        assert (row["captured_paise"], row["refunded_paise"]) == (309_000, 103_000)

    def test_what_reservations_came_to(self, session, staff):
        """Two chains are held for fifteen minutes at the most, then they lapse."""
        ago = "now() - interval '1 hour'"
        session.execute(text(f"UPDATE orders SET created_at = {ago} WHERE status = 'pending'"))
        until = f"{ago} + interval '15 minutes'"
        session.execute(text(f"UPDATE orders SET expires_at = {until} WHERE status = 'pending'"))

        rows, sums = report(staff, "funnel")

        assert rows == [
            {"came_to": "open", "orders": 1, "units": 2, "held_unsold_minutes": 30},
            {"came_to": "paid", "orders": 1, "units": 3, "held_unsold_minutes": 0},
        ]
        assert sums["held_unsold_minutes"] == 30

    def test_products_by_what_they_brought(self, staff):
        [row], _ = report(staff, "products")

        assert row == {
            "sku": "RING", "name": "The ring", "orders": 1, "units_kept": 2,
            "total_paise": 309_000,
        }  # fmt: skip

    def test_taxes_less_what_was_credited(self, staff):
        [row], _ = report(staff, "taxes")

        assert row == {
            "hsn_code": "7113", "rate_basis_points": 300, "place_of_supply": "32 Kerala",
            "taxable_paise": 200_000, "cgst_paise": 0, "sgst_paise": 0, "igst_paise": 6_000,
        }  # fmt: skip

    def test_returns_by_product_and_reason(self, staff):
        [row], _ = report(staff, "returns")

        assert row == {
            "sku": "RING", "reason": "changed_mind", "returns": 1, "asked": 1, "received": 1,
        }  # fmt: skip

    def test_the_value_of_the_stock_leaves_promises_out(self, shop, staff):
        shop.product("crown", 3)
        with_promises, _ = report(staff, "inventory")
        assert {row["sku"] for row in with_promises} == {"RING", "CHAIN", "CROWN"}
        shop.product("orb", 0)
        body = {"sku": "ORB", "limit": 3, "ships_on": str(TODAY + timedelta(days=30))}
        assert staff.post("/api/v1/admin/preorders", body).status_code == 201

        rows, sums = report(staff, "inventory")

        assert {row["sku"]: row["on_hand"] for row in rows} == {"RING": 7, "CHAIN": 9, "CROWN": 3}
        assert sums["value_paise"] == 7 * 100_000 + 9 * 50_000 + 3 * 100_000

    def test_the_file_says_the_same(self, staff):
        rows, _ = report(staff, "sales")

        file = staff.get(f"{PATH}/sales.csv")

        assert file.mimetype == "text/csv"
        assert read(file.text) == [{k: str(v) for k, v in row.items()} for row in rows]

    def test_the_spreadsheet_says_the_same_in_rupees(self, staff):
        rows, _ = report(staff, "sales")

        file = staff.get(f"{PATH}/sales.xlsx")

        assert file.mimetype.endswith("spreadsheetml.sheet")
        assert file.headers["Content-Disposition"] == 'attachment; filename="sales.xlsx"'
        heading, *told = read_sheet(file.data).rows
        place = [cell.value for cell in heading].index("total")
        assert [float(row[place].value) * 100 for row in told] == [
            row["total_paise"] for row in rows
        ]


@pytest.mark.parametrize(
    "query",
    ["from=yesterday", "from=2026-02-30", "from=2026-03-02&to=2026-03-01", "from=2020-01-01",
     "to=0000-01-01", "to=0001-01-01", "to=9999-12-31"],
)  # fmt: skip
def test_a_period_that_is_none_is_refused(staff, query):
    for name in ("sales", "sales.csv", "sales.xlsx"):
        refused = staff.get(f"{PATH}/{name}?{query}")
        assert (refused.status_code, refused.json["code"]) == (422, "validation_failed")


def test_there_is_no_such_report_and_none_for_customers(shop, staff):
    for name in ("secrets", "secrets.csv", "secrets.xlsx"):
        assert staff.get(f"{PATH}/{name}").json["code"] == "report_not_found"
    assert shop.customer().get(f"{PATH}/sales").status_code == 403
