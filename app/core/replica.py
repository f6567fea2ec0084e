"""
A copy of Postgres for what may be a moment old; the primary answers where it is away, or late.

For what people look at and nothing decides by, and nobody has just written: the catalogue, reports,
exports, the older pages of lists. How late the copy is is told by the primary's log: how far that
was is remembered with the time, and what the copy has replayed since tells as of when it is whole.
The copy's own clock would not do: cut off, with nothing to replay, it thinks itself up to date.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock
from time import monotonic

import structlog
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from app.core import db, measures
from app.core.problems import ServiceUnavailable

log = structlog.get_logger(__name__)

# How often it is asked how far it is, by one request of a process; and while it does not answer.
LOOK_SECONDS = 1.0
AWAY_SECONDS = 10.0
# Places of the primary's log that are remembered, for a copy that is late.
_MOST_PLACES = 300
_PRIMARY = "SELECT (pg_current_wal_lsn() - '0/0')::bigint"
_COPY = text("""
    SELECT CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0')::bigint END
""")


class Replica:
    """A copy, and as of when it is known to be whole."""

    def __init__(self, url: str, *, longest_lag_seconds: float, is_pooled: bool = False) -> None:
        """Know nothing of it yet."""
        self._longest = longest_lag_seconds
        self._engine: Engine = db.make_engine(
            url, is_pooled=is_pooled, pool_pre_ping=True, connect_seconds=2
        )
        self._places: deque[tuple[float, int]] = deque(maxlen=_MOST_PLACES)
        self._begun_at = monotonic()
        self._whole_as_of: float | None = None
        self._look_at = 0.0
        self._looking = Lock()

    def lend(self) -> Connection | None:
        """Give a connection to it; None where it is away, or later than it may be."""
        self._look_in_time()
        as_of = self._whole_as_of
        if as_of is None or monotonic() - as_of > self._longest:
            return None
        try:
            return self._engine.connect()
        except PoolTimeout:
            return None
        except SQLAlchemyError as error:
            self._is_away(error)
            return None

    def lag_seconds(self) -> float:
        """Look, and tell how old what it has may be."""
        with self._looking:
            self._look()
        as_of = self._begun_at if self._whole_as_of is None else self._whole_as_of
        return monotonic() - as_of

    def look_again(self) -> None:
        """Have the next one who would read from it look first."""
        self._look_at = 0.0
        self._whole_as_of = None

    def dispose(self) -> None:
        """Close its connections."""
        self._engine.dispose()

    def _look_in_time(self) -> None:
        """Look if it is time to; whoever comes while another one looks goes by what was known."""
        if monotonic() >= self._look_at and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looking.release()

    def _look(self) -> None:
        now = monotonic()
        self._look_at = now + min(LOOK_SECONDS, self._longest / 4)
        try:
            [(place,)] = db.statement(_PRIMARY, {})
            self._places.append((now, place))
        except ServiceUnavailable:
            # What it had when the primary was last asked, it has.
            log.warning("replica.primary_unavailable")
        try:
            with self._engine.connect() as connection:
                reached = connection.scalar(_COPY)
        except SQLAlchemyError as error:
            self._is_away(error)
            return
        if reached is None:
            # It is a primary of its own by now, and goes another way.
            self._is_away(RuntimeError("it is no replica"))
            return
        while self._places and self._places[0][1] <= reached:
            self._whole_as_of = self._places.popleft()[0]

    def _is_away(self, error: Exception) -> None:
        log.warning("replica.unavailable", error=error)
        self._whole_as_of = None
        self._look_at = monotonic() + AWAY_SECONDS


_replica: Replica | None = None


def connect(url: str | None, *, longest_lag_seconds: float, is_pooled: bool = False) -> None:
    """Give this process its replica, or none; a second call replaces the first."""
    global _replica  # noqa: PLW0603 - process-wide, reached by reading()
    disconnect()
    if url is not None:
        _replica = Replica(url, longest_lag_seconds=longest_lag_seconds, is_pooled=is_pooled)


def disconnect() -> None:
    """Close this process' connections to it."""
    global _replica  # noqa: PLW0603
    if _replica is not None:
        _replica.dispose()
    _replica = None


def lag_seconds() -> float | None:
    """Tell how old what the replica has may be; None where there is none."""
    return None if _replica is None else _replica.lag_seconds()


def leafing(cursor: str | None) -> AbstractContextManager[Session]:
    """Open a session for a page of a list, the newest first: those after the first may be old."""
    return db.transaction() if cursor is None else reading()


@contextmanager
def reading() -> Iterator[Session]:
    """
    Open a session that reads, and nothing else, what may be a moment old.

    How old at the most is a setting (REPLICA_LONGEST_LAG_SECONDS); without a replica it is of now.

    Raises:
        ServiceUnavailable: Postgres cannot be reached, or a replica was lost in the middle.
    """
    lent = None if _replica is None else _replica.lend()
    measures.reads.labels("primary" if lent is None else "replica").inc()
    try:
        with db.only_reading(lent) as session:
            yield session
    except ServiceUnavailable:
        if lent is not None and _replica is not None:
            _replica.look_again()
        raise
