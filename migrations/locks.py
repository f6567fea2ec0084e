"""
What a migration may wait for: nobody who buys stands behind one for long.

A statement that waits for a lock has everybody wait who comes after it, so it gives up soon and the
migration is begun again, a while later. What was migrated before it stays: each has a transaction
of its own.
"""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from alembic import op
from psycopg import errors
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

# Its name, table and columns, and the condition of a partial one.
Index = tuple[str, str, Sequence[str], str | None]
# Less than a buyer's request waits for its turn in web (WEB_LONGEST_WAIT_SECONDS), and much less
# than a statement of the shop's waits for a lock (app/core/db.py).
LOCK_TIMEOUT = "250ms"
STATEMENT_TIMEOUT = "60s"
# Some three minutes in all; in between, whoever stood behind it gets through.
TRIES = 20
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1, 10
# What `beside` waits for are transactions that were there before it, while nobody waits for it.
BESIDE_TIMEOUT = "30min"


def bound(connection: Connection) -> None:
    """Bound the waits of a connection's statements, from now on."""
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))


@contextmanager
def beside() -> Iterator[None]:
    """
    Run what works beside the shop's transactions, outside of one, for as long as it takes.

    For CREATE and DROP INDEX CONCURRENTLY, and VALIDATE CONSTRAINT. First in a migration, since it
    ends what was begun before it; and repeatable, since a try that broke off leaves half of one.
    """
    with op.get_context().autocommit_block():
        op.execute(f"SET lock_timeout = '{BESIDE_TIMEOUT}'")
        op.execute(f"SET statement_timeout = '{BESIDE_TIMEOUT}'")
        yield
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
        op.execute(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'")


def build(indexes: Iterable[Index]) -> None:
    """Build indexes beside what goes on; half of one, left by a try that broke off, goes first."""
    with beside():
        for name, table, columns, where in indexes:
            op.drop_index(name, table, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                columns,
                postgresql_where=None if where is None else text(where),
                postgresql_concurrently=True,
            )


def patiently(migrate: Callable[[], None], *, wait: Callable[[float], object] = time.sleep) -> None:
    """
    Migrate, again and again where a lock was not to be had.

    Raises:
        OperationalError: it was not to be had at the last try either, or something else is wrong.
    """
    pause = FIRST_PAUSE_SECONDS
    for tried in range(1, TRIES + 1):
        try:
            return migrate()
        except OperationalError as error:
            is_locked = isinstance(error.orig, (errors.LockNotAvailable, errors.DeadlockDetected))
            if not is_locked or tried == TRIES:
                raise
        _tell(
            f"A lock was not to be had within {LOCK_TIMEOUT}: try {tried} of {TRIES}, "
            f"the next one in {pause} s."
        )
        wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
    return None


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - on the command line
