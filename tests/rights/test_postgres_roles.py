"""The app's role in Postgres can do what the shop does and nothing else."""

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import rights
from app.core import db
from app.core.db import Base
from tests import owners

# Each is tried on the ledger and on every other record.
ON_RECORDS = [
    "DELETE FROM {table}",
    "TRUNCATE {table} CASCADE",
    "DROP TABLE {table} CASCADE",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "ALTER TABLE {table} DISABLE TRIGGER USER",
    "ALTER TABLE {table} OWNER TO CURRENT_USER",
    "CREATE TRIGGER theirs BEFORE INSERT ON {table} EXECUTE FUNCTION record_change()",
    "GRANT ALL ON {table} TO CURRENT_USER",
    "BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE",
    "SELECT FROM {table} FOR UPDATE",
]
ANYWHERE = [
    "UPDATE stock_movements SET units = units",
    "UPDATE audit_log SET actor = 'nobody'",
    "UPDATE order_lines SET unit_price = 1",
    "UPDATE coupon_uses SET user_id = user_id",
    "DELETE FROM orders",
    "DELETE FROM payments",
    "DELETE FROM refunds",
    "UPDATE alembic_version SET version_num = '0001'",
    "SELECT setval('stock_epochs', 1)",
    "SET session_replication_role = replica",
    "DROP TRIGGER stock_movements_append_only ON stock_movements",
    "DROP FUNCTION refuse_change() CASCADE",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    "CREATE TABLE theirs (id int)",
    "CREATE TEMPORARY TABLE theirs (id int)",
    "CREATE SCHEMA theirs",
    "CREATE EXTENSION pg_trgm",
    "CREATE ROLE theirs",
    "ALTER ROLE ora_app SUPERUSER",
    "SET ROLE ora_owner",
    "SET SESSION AUTHORIZATION ora_owner",
    "DROP SCHEMA public CASCADE",
    "DROP DATABASE ora",
    "COPY products TO PROGRAM 'true'",
    "SELECT pg_read_file('/etc/passwd')",
    "ALTER SYSTEM SET fsync = off",
]


@pytest.fixture
def attacker(app):
    """A connection such as the app's, with its role's own settings."""
    url = db.engine().url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def refused(attacker, statement):
    try:
        attacker.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


@pytest.mark.parametrize("table", rights.RECORDS)
@pytest.mark.parametrize("statement", ON_RECORDS)
def test_attack_54_the_apps_role_cannot_alter_what_was_written(attacker, table, statement):
    assert refused(attacker, statement.format(table=table)) or is_no_gain(attacker, table)


def is_no_gain(attacker, table):
    """GRANT of what one has not may pass, with a warning, and gives nothing."""
    query = "SELECT has_table_privilege(%s, 'UPDATE') OR has_table_privilege(%s, 'TRUNCATE')"
    [(gained,)] = attacker.execute(query, [table, table]).fetchall()
    return not gained


@pytest.mark.parametrize("statement", ANYWHERE)
def test_attack_54_the_apps_role_cannot(attacker, statement):
    assert refused(attacker, statement)


def test_the_owner_is_stopped_by_triggers_alone(session, shop):
    """So that what is refused above is refused because of the role."""
    shop.product("ring", 1)

    with pytest.raises(DBAPIError, match="is append-only"):
        session.execute(text("DELETE FROM stock_movements"))


def test_attack_54_waits_of_the_apps_role_are_bounded(attacker):
    names = "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"

    assert [attacker.execute(f"SHOW {name}").fetchone()[0] for name in names] == [
        "3s", "10s", "1min",
    ]  # fmt: skip


def test_every_table_is_declared_and_no_other():
    tables = set(Base.metadata.tables) | {"alembic_version"}

    assert set(rights.RIGHTS) == tables


def test_the_role_has_what_is_declared_and_nothing_else(app):
    with db.engine().connect() as connection:
        assert rights.had(connection, rights.APP) == rights.declared()


def test_the_reader_reads_everything_and_writes_nothing(app):
    with db.engine().connect() as connection:
        had = rights.had(connection, rights.READER)

    assert had == {(table, "SELECT") for table in rights.RIGHTS}


def test_giving_rights_again_changes_nothing_and_takes_what_was_added(session, app):
    session.execute(text("GRANT TRUNCATE ON orders TO ora_app"))
    session.execute(text("GRANT SELECT ON users TO PUBLIC"))
    with owners.engine().begin() as connection:
        assert rights.grant(connection) == []
        assert rights.had(connection, rights.APP) == rights.declared()


def test_a_table_that_nobody_declared_is_told_and_given_to_nobody(session, app):
    with owners.engine().connect() as connection, connection.begin() as undone:
        connection.execute(text("CREATE TABLE public.forgotten (id int)"))

        assert rights.grant(connection) == ["forgotten"]

        assert "forgotten" not in {table for table, _ in rights.had(connection, rights.APP)}
        undone.rollback()


def test_without_the_roles_nothing_is_given(session, monkeypatch, app):
    monkeypatch.setattr(rights, "READER", "ora_nobody")

    with (
        owners.engine().begin() as connection,
        pytest.raises(rights.RolesMissingError, match=r"no role ora_nobody: run ops/postgres"),
    ):
        rights.grant(connection)


def test_the_command_gives_rights_as_the_owner(app):
    told = app.test_cli_runner().invoke(args=["grant-rights"])

    assert (told.exit_code, told.output) == (
        0,
        f"{len(rights.RIGHTS)} tables: rights of ora_app and ora_read are given.\n",
    )


def test_the_command_does_not_do_it_as_anybody_else(app, monkeypatch):
    monkeypatch.delenv("MIGRATION_DATABASE_URL")

    told = app.test_cli_runner().invoke(args=["grant-rights"])

    assert told.exit_code == 1
    assert "ermission denied" in told.output
