"""What is written in a record of the shop stays as it was written."""

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.payments.purchase import purchase

RECORDS = (
    "audit_log", "stock_movements", "order_transitions", "order_cancellations", "return_steps",
    "return_dispositions",
)  # fmt: skip


def refused(session, statement):
    with pytest.raises(IntegrityError, match="is append-only") as caught:
        session.execute(text(statement))
    return isinstance(caught.value.orig, psycopg.errors.RestrictViolation)


@pytest.fixture
def _written(shop, session):
    shop.product("ring", 5)
    purchase(shop, ring=1)
    session.execute(text("UPDATE products SET price = 1"))
    assert session.scalar(text("SELECT count(*) FROM audit_log"))


@pytest.mark.usefixtures("_written")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET actor = 'nobody'",
        "UPDATE audit_log SET actor = actor WHERE false",
        "DELETE FROM audit_log",
        "DELETE FROM stock_movements",
    ],
)
def test_no_record_is_altered_or_removed(session, statement):
    assert refused(session, statement)


@pytest.mark.usefixtures("_written")
@pytest.mark.parametrize("table", RECORDS)
def test_no_table_of_records_is_emptied(session, table):
    assert refused(session, f"TRUNCATE {table} CASCADE")
    assert refused(session, "TRUNCATE orders, returns CASCADE")
