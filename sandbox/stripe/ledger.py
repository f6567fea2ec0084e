"""The books of the Stripe account: each object as the JSON that it is shown as."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.store import Books
from sandbox.stripe.errors import no_such

Object = dict[str, Any]

COMPARISONS = {
    "gt": "created > ?",
    "gte": "created >= ?",
    "lt": "created < ?",
    "lte": "created <= ?",
}
EVERYTHING = -1

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS stripe_objects (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        created INTEGER NOT NULL,
        body TEXT NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS stripe_by_created ON stripe_objects (kind, created)",
    """CREATE INDEX IF NOT EXISTS stripe_by_intent
        ON stripe_objects (kind, json_extract(body, '$.payment_intent'))""",
    """CREATE INDEX IF NOT EXISTS stripe_by_charge
        ON stripe_objects (kind, json_extract(body, '$.charge'))""",
)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Which part of a list is asked for; ``fields`` must have these values."""

    limit: int = EVERYTHING
    created: Mapping[str, int] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True)
class Ledger:
    """The objects as one transaction sees them."""

    books: Books

    def prepare(self) -> None:
        """Make the table where it is not there yet."""
        for statement in _SCHEMA:
            self.books.connection.execute(statement)

    def find(self, kind: str, object_id: str) -> Object | None:
        """Return an object, or None where the books do not have it."""
        row = self.books.connection.execute(
            "SELECT body FROM stripe_objects WHERE id = ? AND kind = ?", (object_id, kind)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def get(self, kind: str, object_id: str, param: str = "id") -> Object:
        """
        Return an object.

        Raises:
            StripeError: the books do not have it.
        """
        found = self.find(kind, object_id)
        if found is None:
            raise no_such(kind, object_id, param)
        return found

    def keep(self, kept: Object) -> None:
        """Write an object, new or changed."""
        self.books.connection.execute(
            "INSERT INTO stripe_objects (id, kind, created, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (kept["id"], kept["object"], kept["created"], json.dumps(kept)),
        )

    def page(self, kind: str, page: Page = Page()) -> tuple[list[Object], bool]:
        """
        Return a page of objects, the newest first, and whether more are beyond it.

        Raises:
            StripeError: the books do not have the object at which the page begins.
        """
        conditions: dict[str, Any] = {"kind = ?": kind}
        conditions |= {COMPARISONS[name]: moment for name, moment in page.created.items()}
        conditions |= {
            f"json_extract(body, '$.{name}') = ?": value for name, value in page.fields.items()
        }
        if page.after:
            conditions["sequence < ?"] = self._place(kind, page.after, "starting_after")
        if page.before:
            conditions["sequence > ?"] = self._place(kind, page.before, "ending_before")
        direction = "ASC" if page.before else "DESC"
        ceiling = EVERYTHING if page.limit == EVERYTHING else page.limit + 1
        # Every fragment of this text is written in the code; the values are bound.
        rows = self.books.connection.execute(
            f"SELECT body FROM stripe_objects WHERE {' AND '.join(conditions)}"  # noqa: S608
            f" ORDER BY sequence {direction} LIMIT ?",
            (*conditions.values(), ceiling),
        ).fetchall()
        has_more = page.limit != EVERYTHING and len(rows) > page.limit
        objects = [json.loads(row[0]) for row in rows[: page.limit if has_more else None]]
        return (objects[::-1] if page.before else objects), has_more

    def all(self, kind: str, **fields: str) -> list[Object]:
        """Return every object of a kind with these fields, the newest first."""
        return self.page(kind, Page(fields=fields))[0]

    def after_commit(self, job: Callable[[], None]) -> None:
        """Run a job once all of this is kept."""
        self.books.after_commit.append(job)

    def _place(self, kind: str, object_id: str, param: str) -> int:
        row = self.books.connection.execute(
            "SELECT sequence FROM stripe_objects WHERE id = ? AND kind = ?", (object_id, kind)
        ).fetchone()
        if row is None:
            raise no_such(kind, object_id, param, status=400)
        return int(row[0])
