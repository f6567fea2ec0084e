"""
The audit log as it is read, the newest change first.

Each source gives its newest rows by an index of its own, and they are merged here: a UNION would
leave it to the planner whether all of them are sorted for a page.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select, tuple_
from sqlalchemy.orm import Session, raiseload

from app.audit.models import Record
from app.audit.sources import SOURCES, Entry, Source, recorded
from app.core.actors import ACCOUNT_KINDS
from app.core.db import transaction
from app.core.fields import LARGEST_INTEGER
from app.core.ids import read_id
from app.core.pages import Page, decode_cursor, encode_cursor
from app.core.problems import ValidationFailed, invalid
from app.core.replica import reading

# Rows of an export that are read at a time.
MOST_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for; ``until`` itself is left out."""

    subject: str | None = None
    subject_id: str | None = None
    # An actor, or the id of an account whatever its role was.
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(session: Session, filters: Filters, *, limit: int, cursor: str | None) -> Page[Entry]:
    """
    List changes, the newest first.

    Raises:
        ValidationFailed: the cursor was not given out by this list.
    """
    position = None if cursor is None else _read_position(cursor)
    found: list[Entry] = []
    for source in SOURCES:
        query = _query(source, filters)
        if position is not None:
            query = query.where(_is_before(source, *position))
        newest = query.order_by(source.at.desc(), source.key.desc()).limit(limit + 1)
        found += map(source.tell, session.scalars(newest))
    found.sort(reverse=True)
    if len(found) <= limit:
        return Page(found)
    last = found[limit - 1]
    return Page(found[:limit], encode_cursor(last.at.isoformat(), last.source, str(last.key)))


def of_subjects(session: Session, subjects: Collection[tuple[str, str]]) -> list[Entry]:
    """List what the audit log itself has of tables and keys, the oldest change first."""
    query = select(Record).where(tuple_(Record.subject, Record.subject_id).in_(subjects))
    return sorted(recorded(row) for row in session.scalars(query))


def export(filters: Filters) -> Iterator[Entry]:
    """List all changes that fit, a transaction for each thousand; that it is done is recorded."""
    asked = {
        name: str(value)
        for name in Filters.__slots__
        if (value := getattr(filters, name)) is not None
    }
    with transaction() as session:
        record_export(session, "audit_log", asked)
    return _all(filters)


def record_export(session: Session, subject: str, asked: Mapping[str, str]) -> None:
    """Write down that what ``subject`` has was exported, and by which filters."""
    session.add(Record(action="export", subject=subject, subject_id="", after=dict(asked)))


def _all(filters: Filters) -> Iterator[Entry]:
    cursor = None
    while True:
        with reading() as session:
            found = page(session, filters, limit=MOST_AT_ONCE, cursor=cursor)
        yield from found.items
        cursor = found.next_cursor
        if cursor is None:
            return


def _query(source: Source, filters: Filters) -> Select[Any]:
    query = select(source.table).options(raiseload("*"))
    if filters.subject is not None:
        query = query.where(source.subject == filters.subject)
    if filters.subject_id is not None:
        query = query.where(_is_of(source, filters.subject_id))
    if filters.actor is not None:
        query = query.where(source.by(_names(filters.actor)))
    if filters.action is not None:
        query = query.where(source.action == filters.action)
    if filters.since is not None:
        query = query.where(source.at >= filters.since)
    if filters.until is not None:
        query = query.where(source.at < filters.until)
    return query


def _is_of(source: Source, subject_id: str) -> ColumnElement[bool]:
    if source.table is Record:
        return source.subject_id == subject_id
    wanted = read_id(subject_id)
    return false() if wanted is None else source.subject_id == wanted


def _names(actor: str) -> Sequence[str]:
    account_id = read_id(actor)
    return [actor] if account_id is None else [f"{kind}:{account_id}" for kind in ACCOUNT_KINDS]


def _is_before(
    source: Source, moment: datetime, last_source: str, last_key: str
) -> ColumnElement[bool]:
    if source.name != last_source:
        return source.at <= moment if source.name < last_source else source.at < moment
    try:
        key = source.key.type.python_type(last_key)
    except ValueError:
        raise _strange_cursor() from None
    if isinstance(key, int) and abs(key) > LARGEST_INTEGER:
        raise _strange_cursor()
    return tuple_(source.at, source.key) < (moment, key)


def _read_position(cursor: str) -> tuple[datetime, str, str]:
    moment, source, key = map(str, decode_cursor(cursor, 3))
    if source not in {one.name for one in SOURCES}:
        raise _strange_cursor()
    try:
        return datetime.fromisoformat(moment), source, key
    except ValueError:
        raise _strange_cursor() from None


def _strange_cursor() -> ValidationFailed:
    return invalid("#/cursor", "is not a cursor that this list gave out")
