"""
The books: every entity and every event, in one SQLite database.

One connection behind one lock, so that each transaction sees and leaves whole
states; work that must wait for the commit is registered with it.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.entities import Entity

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entities (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    parent_id TEXT,
    receipt TEXT,
    created_at INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS entities_by_kind ON entities (kind, created_at);
CREATE INDEX IF NOT EXISTS entities_by_parent ON entities (parent_id, kind);
CREATE INDEX IF NOT EXISTS entities_by_receipt ON entities (receipt, kind);
"""

# What owns an entity of this kind: the payments of an order, the refunds of a payment.
_PARENT_FIELD = {"payment": "order_id", "refund": "payment_id"}

# Whether any payment of an order got as far as being authorized, and maybe further.
_IS_AUTHORIZED = """EXISTS (
    SELECT 1 FROM entities AS payment
    WHERE payment.kind = 'payment' AND payment.parent_id = entities.id
    AND json_extract(payment.body, '$.status') NOT IN ('created', 'failed')
)"""

EVERYTHING = -1


@dataclass(frozen=True, kw_only=True)
class Page:
    """Which part of a list is asked for; the newest come first unless they have a parent."""

    count: int = EVERYTHING
    skip: int = 0
    created_from: int | None = None
    created_to: int | None = None
    receipt: str | None = None
    is_authorized: bool | None = None
    parent_id: str | None = None


@dataclass
class Books:
    """The entities as one transaction sees them."""

    connection: sqlite3.Connection
    after_commit: list[Callable[[], None]] = field(default_factory=list)

    def find(self, kind: str, entity_id: str) -> Entity | None:
        """Return an entity, or None where the books do not have it."""
        row = self.connection.execute(
            "SELECT body FROM entities WHERE id = ? AND kind = ?", (entity_id, kind)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def keep(self, kind: str, entity: Entity) -> None:
        """Write an entity, new or changed."""
        self.connection.execute(
            "INSERT INTO entities (id, kind, parent_id, receipt, created_at, body)"
            " VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (
                entity["id"],
                kind,
                entity.get(_PARENT_FIELD.get(kind, "")),
                entity.get("receipt"),
                entity["created_at"],
                json.dumps(entity, separators=(",", ":")),
            ),
        )

    def list(self, kind: str, page: Page = Page()) -> list[Entity]:
        """Return a page of entities, in the order in which Razorpay lists them."""
        wanted = {
            "created_at >= ?": page.created_from,
            "created_at <= ?": page.created_to,
            "receipt = ?": page.receipt,
            f"{_IS_AUTHORIZED} = ?": page.is_authorized,
            "parent_id = ?": page.parent_id,
        }
        asked = {condition: value for condition, value in wanted.items() if value is not None}
        conditions = " AND ".join(["kind = ?", *asked])
        direction = "DESC" if page.parent_id is None else "ASC"
        # Every fragment of this text is written above; the values are bound.
        rows = self.connection.execute(
            f"SELECT body FROM entities WHERE {conditions}"  # noqa: S608
            f" ORDER BY sequence {direction} LIMIT ? OFFSET ?",
            (kind, *asked.values(), page.count, page.skip),
        )
        return [json.loads(row[0]) for row in rows]


class Store:
    """One database and the lock around it."""

    def __init__(self, path: str) -> None:
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # The books of a development gateway may be lost with the power, not with the process.
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[Books]:
        """Give the books to one thread; keep all it wrote, or on an exception nothing."""
        books = Books(self._connection)
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield books
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        for job in books.after_commit:
            job()

    def close(self) -> None:
        """Close the database once no thread is inside a transaction."""
        with self._lock:
            self._connection.close()
