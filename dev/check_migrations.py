"""
Check the migrations on an empty database: up, equal to the models, down, and up again.

As the role that owns the tables, who is no superuser. New ones are read first
(dev/lint_migrations.py). Then the shop that the last release left is brought up to date: each row
has to be there still.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
from alembic.config import Config

from dev.errors import DevError
from dev.lint_migrations import refusals
from dev.release import history, rows
from dev.servers import PostgresServer
from dev.stack import ROOT

_STEPS = {
    "upgrade to head": ("upgrade", "head"),
    "compare with the models": ("check",),
    "downgrade to base": ("downgrade", "base"),
    "upgrade to head again": ("upgrade", "head"),
}


def main() -> int:
    """Return 0 if every step succeeds, else 1 with the output of the one that failed."""
    refused = refusals(Config(ROOT / "alembic.ini"))
    if refused:
        print("Migrations (docs/deploying.md):", *refused, sep="\n", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresServer(Path(folder, "postgres"), durable=False)
        try:
            server.start()
            for title, arguments in _STEPS.items():
                _alembic(title, *arguments, owner_url=server.owner_url)
            done = [*_STEPS, *_from_releases(server)]
        except DevError as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            server.remove()
    print("Migrations: " + ", ".join(done) + ": fine.")
    return 0


def _from_releases(server: PostgresServer) -> Iterator[str]:
    """Bring the rows of the last release up to date; yields what was done."""
    for last in history.released()[-1:]:
        title = f"upgrade the shop of {last.version}"
        _alembic("empty the database", "downgrade", "base", owner_url=server.owner_url)
        _alembic("go back", "upgrade", last.migration, owner_url=server.owner_url)
        with psycopg.connect(server.admin_url.replace("+psycopg", "")) as connection:
            before = rows.put(connection, history.ROWS)
            connection.commit()
            _alembic(title, "upgrade", "head", owner_url=server.owner_url)
            after = rows.count(connection)
        lost = [table for table, number in before.items() if after.get(table, 0) < number]
        if lost:
            raise DevError(f"Migrations: rows were lost of {', '.join(lost)}.")
        yield title


def _alembic(title: str, *arguments: str, owner_url: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        cwd=ROOT,
        env=os.environ | {"APP_ENV": "test", "MIGRATION_DATABASE_URL": owner_url},
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if result.returncode != 0:
        raise DevError(f"Migrations: could not {title}; alembic said:\n{result.stdout}")


if __name__ == "__main__":
    sys.exit(main())
