"""
The rows of a shop that a release leaves behind, to upgrade from.

They are those of the demo: bought, paid, refunded, expired, returned. The next versions begin with
them, at the release's migration, and have to find them all again (dev/check_migrations.py).
"""

import io
import tarfile
from pathlib import Path

import psycopg
from psycopg import sql

from dev import demo
from dev.errors import DevError
from dev.stack import ROOT

_TABLES = """
    SELECT table_name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'alembic_version'
    ORDER BY table_name
"""


def tables(connection: psycopg.Connection) -> list[str]:
    """List the shop's tables."""
    return [str(name) for (name,) in connection.execute(_TABLES)]


def take(to: Path) -> None:
    """
    Let the demo's shop do its work and keep its rows, a file of CSV for each table.

    Raises:
        DevError: it does not start, or something that it shows does not hold.
    """
    with demo.opened(ROOT / ".data" / "release") as shop:
        if not demo.show(shop).print():
            raise DevError("The demo does not hold, so there is nothing to release.")
        url = shop.env["MIGRATION_DATABASE_URL"].replace("+psycopg", "")
        with psycopg.connect(url) as connection, tarfile.open(to, "w:xz") as archive:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            for table in tables(connection):
                content = _csv(connection, table)
                told = tarfile.TarInfo(f"{table}.csv")
                told.size = len(content)
                archive.addfile(told, io.BytesIO(content))


def _csv(connection: psycopg.Connection, table: str) -> bytes:
    query = sql.SQL("COPY {} TO STDOUT (FORMAT csv, HEADER)").format(sql.Identifier(table))
    with connection.cursor().copy(query) as copy:
        return b"".join(map(bytes, copy))


def count(connection: psycopg.Connection) -> dict[str, int]:
    """Tell how many rows each table has."""
    query = sql.SQL("SELECT count(*) FROM {}")
    return {
        table: connection.execute(query.format(sql.Identifier(table))).fetchone()[0]  # type: ignore[index]
        for table in tables(connection)
    }


def put(connection: psycopg.Connection, source: Path) -> dict[str, int]:
    """Fill the empty tables of that release; tells how many rows each has. For a superuser."""
    counts = {}
    connection.execute("SET session_replication_role = replica")
    with tarfile.open(source) as archive:
        for told in archive:
            table, file = told.name.removesuffix(".csv"), archive.extractfile(told)
            assert file is not None  # noqa: S101
            content = file.read()
            columns = sql.SQL(content.partition(b"\n")[0].decode())
            statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv, HEADER)").format(
                sql.Identifier(table), columns
            )
            with connection.cursor() as cursor:
                with cursor.copy(statement) as copy:
                    copy.write(content)
                counts[table] = cursor.rowcount
    connection.execute("SET session_replication_role = origin")
    return counts
