"""Admins read who changed what, page by page, by what they look for, or as a table."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.api.snapshot import everything
from tests.audit.steps import LOG, changes, every_entry, read
from tests.payments.purchase import purchase

EXPORT = f"{LOG}.csv"


@pytest.fixture
def _busy(shop, session, boss, staff):
    """A shop in which something of every kind happened, much of it in the same moment."""
    for name in ("ring", "chain", "bangle"):
        shop.product(name, 5)
    bought = purchase(shop, ring=1, chain=2)
    bought.tell("payment.captured", bought.pay())
    shop.work()
    path = f"/api/v1/admin/orders/{bought.order_id}"
    lines = [{"sku": "CHAIN", "quantity": 1}]
    staff.post(f"{path}/cancel-units", {"reference": "once", "lines": lines})
    staff.post(f"{path}/status", {"status": "processing"})
    session.execute(text("UPDATE products SET price = price + 1"))


@pytest.mark.usefixtures("_busy")
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_page_by_page_it_is_the_same_list(boss, limit):
    whole = every_entry(boss)

    assert len(whole) > 15
    assert len({entry["id"] for entry in whole}) == len(whole)
    assert [entry["at"] for entry in whole] == sorted((e["at"] for e in whole), reverse=True)
    assert every_entry(boss, limit=limit) == whole


@pytest.mark.usefixtures("_busy")
def test_it_is_searched_by_what_who_how_and_when(boss, staff):
    whole = every_entry(boss)
    of_staff = [entry for entry in whole if entry["actor"] == f"staff:{staff.id}"]
    assert len({entry["subject"] for entry in of_staff}) > 1

    assert read(boss, actor=f"staff:{staff.id}") == of_staff
    assert read(boss, actor=staff.id) == of_staff
    assert read(boss, subject="orders") == [e for e in whole if e["subject"] == "orders"]
    assert read(boss, action="insert") == [e for e in whole if e["action"] == "insert"]
    buyer = next(e["actor"] for e in whole if e["actor"].startswith("customer:"))
    assert read(boss, actor=buyer) == [e for e in whole if e["actor"] == buyer]
    for wanted in {entry["subject_id"] for entry in whole}:
        assert read(boss, subject_id=wanted) == [e for e in whole if e["subject_id"] == wanted]
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    assert read(boss, **{"from": now.isoformat()}) == []
    assert read(boss, to=(now - hour).isoformat()) == []
    assert read(boss, limit=100, to=now.isoformat(), **{"from": (now - hour).isoformat()}) == whole
    assert read(boss, subject_id="no such key") == read(boss, actor="nobody") == []


@pytest.mark.usefixtures("_busy")
@pytest.mark.parametrize("path", [LOG, EXPORT])
def test_only_admins_read_it(shop, client, staff, path):
    assert client.get(path).status_code == 401
    assert shop.customer().get(path).status_code == 403
    assert staff.get(path).status_code == 403


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("subject=passwords", "#/subject"),
        ("action=read", "#/action"),
        ("from=yesterday", "#/from"),
        ("to=2026-11-24T10:00:00", "#/to"),
        ("since=2026-11-24T10:00:00Z", "#/since"),
        ("actor=", "#/actor"),
        ("actor=%00", "#/actor"),
        ("subject_id=" + "x" * 201, "#/subject_id"),
    ],
)
def test_a_wrong_question_is_named(session, redis, boss, query, pointer):
    before = everything(session, redis)

    for path in (LOG, EXPORT):
        refused = boss.get(f"{path}?{query}")
        assert refused.status_code == 422
        assert [error["pointer"] for error in refused.json["errors"]] == [pointer]
    assert everything(session, redis) == before


@pytest.mark.parametrize(
    "position",
    [
        ["2026-11-24T10:00:00+00:00", "audit_log", "x"],
        ["2026-11-24T10:00:00+00:00", "audit_log", "9" * 30],
        ["2026-11-24T10:00:00+00:00", "orders", "1"],
        ["2026-11-24T10:00:00+00:00", "users", "1"],
        ["noon", "audit_log", "1"],
        ["2026-11-24T10:00:00+00:00", "audit_log"],
        [1, 2, 3],
    ],
)
def test_a_cursor_that_was_not_given_out_is_refused(boss, position):
    from app.core.pages import encode_cursor

    refused = boss.get(f"{LOG}?cursor={encode_cursor(*position)}")

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == ["#/cursor"]


class TestExport:
    """The log as a table that a spreadsheet opens."""

    def exported(self, boss, query=""):
        answer = boss.get(f"{EXPORT}?{query}")
        assert (answer.status_code, answer.mimetype) == (200, "text/csv")
        assert answer.data.startswith(b"\xef\xbb\xbf")
        return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))

    @pytest.mark.usefixtures("_busy")
    def test_it_has_all_that_fits_and_is_a_line_itself(self, boss, monkeypatch):
        monkeypatch.setattr("app.audit.trail.MOST_AT_ONCE", 2)
        whole = every_entry(boss, subject="orders")

        table = self.exported(boss, "subject=orders")

        assert [row["id"] for row in table] == [entry["id"] for entry in whole]
        assert table[0]["after"].startswith("{")
        assert list(table[0]) == list(whole[0])
        [(who, action, before, after)] = changes(boss, subject="audit_log")
        assert (who, action) == (f"admin:{boss.id}", "export")
        assert (before, after) == (None, {"subject": "orders"})

    def test_no_cell_is_run_as_a_formula(self, session, boss):
        session.execute(
            text("INSERT INTO audit_log (actor, action, subject, subject_id) VALUES"
                 " ('=cmd()', 'update', 'products', '-7'), ('@sum', 'update', 'products', '+x')")
        )  # fmt: skip

        table = self.exported(boss, "subject=products")

        assert {(row["actor"], row["subject_id"]) for row in table} == {
            ("'=cmd()", "-7"), ("'@sum", "'+x"),
        }  # fmt: skip
