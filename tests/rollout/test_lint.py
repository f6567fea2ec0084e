"""A migration that locks a table for long or breaks older code is refused; others are not."""

import pytest
from alembic.config import Config

from dev.lint_migrations import refusals
from tests.rollout import extra

INDEX = 'op.create_index("ix_orders_total", "orders", ["total"]'
TOTAL = '"orders", sa.Column("is_gift", sa.Boolean()'

REFUSED = {
    "an index on a table that is there": (f"{INDEX})", "require-concurrent-index-creation"),
    "an index dropped": (
        'op.drop_index("ix_outbox_due", "outbox")', "require-concurrent-index-deletion",
    ),
    "a column that must be given": (
        f"op.add_column({TOTAL}, nullable=False))", "adding-required-field",
    ),
    "a default that rewrites the table": (
        f'op.add_column({TOTAL}, server_default=sa.text("random() > 0.5")))',
        "adding-field-with-default",
    ),
    "another type": (
        'op.alter_column("orders", "total", type_=sa.BigInteger())', "changing-column-type",
    ),
    "a check that reads all rows": (
        'op.create_check_constraint("c", "orders", "total > 0")', "constraint-missing-not-valid",
    ),
    "a foreign key that reads all rows": (
        'op.create_foreign_key("f", "orders", "users", ["user_id"], ["id"])',
        "adding-foreign-key-constraint",
    ),
    "a unique constraint": (
        'op.create_unique_constraint("u", "orders", ["total"])', "disallowed-unique-constraint",
    ),
    "a statement that cannot be read": ('op.execute("ALTER TABEL orders")', "syntax-error"),
}  # fmt: skip
CONTRACTS = {
    "a column dropped": ('op.drop_column("orders", "total")', "ban-drop-column"),
    "a table dropped": ('op.drop_table("orders")', "ban-drop-table"),
    "a column renamed": (
        'op.alter_column("orders", "total", new_column_name="sum")', "renaming-column",
    ),
    "a table renamed": ('op.rename_table("orders", "purchases")', "renaming-table"),
    "a column that must be given from now on": (
        'op.alter_column("orders", "total", nullable=False)', "adding-not-nullable-field",
    ),
}  # fmt: skip
FINE = {
    "a column": f"op.add_column({TOTAL}))",
    "a column with a default": f'op.add_column({TOTAL}, server_default="false", nullable=False))',
    "an index beside what goes on": f"""
with locks.beside():
    op.drop_index("ix_orders_total", "orders", if_exists=True, postgresql_concurrently=True)
    {INDEX}, postgresql_concurrently=True)
""",
    "a table with an index": """
op.create_table("gifts", sa.Column("id", sa.Uuid(), primary_key=True), sa.Column("to", sa.Text()))
op.create_index("ix_gifts_to", "gifts", ["to"])
""",
    "a check of new rows, then of old ones": """
op.execute("ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0) NOT VALID")
with locks.beside():
    op.execute("ALTER TABLE orders VALIDATE CONSTRAINT c")
""",
}


@pytest.fixture
def read(tmp_path):
    def rules(*steps, marks=""):
        config = Config(extra.write(tmp_path, *steps, marks=marks))
        return {(found.revision, found.rule) for found in refusals(config, after=extra.head())}

    return rules


@pytest.mark.parametrize("name", REFUSED)
def test_refused(read, name):
    steps, rule = REFUSED[name]

    assert ("9001", rule) in read(steps, marks='contract = "nobody needs it"')


@pytest.mark.parametrize("name", CONTRACTS)
def test_refused_without_a_word(read, name):
    steps, rule = CONTRACTS[name]

    assert read(steps) == {("9001", rule)}


@pytest.mark.parametrize("name", CONTRACTS)
def test_taken_with_a_word(read, name):
    assert read(CONTRACTS[name][0], marks='contract = "nobody needs it since 0030"') == set()


@pytest.mark.parametrize("name", FINE)
def test_taken(read, name):
    assert read(FINE[name]) == set()


def test_each_of_several_is_read(read):
    found = read(FINE["a column"], f"{INDEX})")

    assert found == {("9002", "require-concurrent-index-creation")}


def test_the_shops_own_are_fine():
    assert refusals(Config(extra.ROOT / "alembic.ini")) == []


def test_those_that_are_exempt_would_not_all_be():
    assert refusals(Config(extra.ROOT / "alembic.ini"), after="0015")
