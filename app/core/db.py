"""Postgres: the engines of a process, and the transaction that every story opens."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from select import select
from typing import Any

import psycopg
import structlog
from sqlalchemy import MetaData, create_engine, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.pool import PoolProxiedConnection

from app.core import actors, measures, tracing
from app.core.problems import ServiceUnavailable

log = structlog.get_logger(__name__)

# A row that stays locked longer is somebody's stuck transaction: better a 503 than a queue.
LOCK_TIMEOUT_MS = 3_000
STATEMENT_TIMEOUT_MS = 10_000
POOL_WAIT_SECONDS = 3
# Compiling a report's statement takes longer than it saves, even of a hundred thousand orders.
_SESSION = (
    f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout={STATEMENT_TIMEOUT_MS}"
    " -c jit=off -c timezone=UTC"
)


class Base(DeclarativeBase):
    """All tables; constraints get names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class CommitUnknown(ServiceUnavailable):
    """The connection broke while committing: the change may be there or not, so ask again."""


_engine: Engine | None = None
# Its connections have no transactions to end, so that none is looked for after a statement.
_statements: Engine | None = None


def make_engine(
    url: str,
    *,
    is_pooled: bool = False,
    pool_size: int = 5,
    connect_seconds: int = 3,
    **more: Any,
) -> Engine:
    """
    Make an engine with the time-outs that bound every wait.

    Where ``is_pooled`` a pooler hands each transaction to whatever session is free: it is asked for
    no settings, which are the role's own then (ops/postgres/roles.sql), and nothing is prepared.
    """
    made = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=POOL_WAIT_SECONDS,
        # Errors tell the statement, and not whose name or address was in it.
        hide_parameters=True,
        connect_args={
            "connect_timeout": connect_seconds,
            "application_name": "ora",
            **({"prepare_threshold": None} if is_pooled else {"options": _SESSION}),
        },
        **more,
    )
    event.listen(made, "checkout", lambda *_: measures.connections.inc())
    event.listen(made, "checkin", lambda *_: measures.connections.dec())
    return made


def connect(url: str, *, is_pooled: bool = False) -> None:
    """Give this process its engines; a second call replaces the first ones."""
    global _engine, _statements  # noqa: PLW0603 - process-wide, reached by transaction()
    disconnect()
    _engine = make_engine(url, is_pooled=is_pooled)
    _statements = make_engine(
        url, is_pooled=is_pooled, isolation_level="AUTOCOMMIT", pool_reset_on_return=None
    )


def disconnect() -> None:
    """Close this process' connections."""
    for one in (_engine, _statements):
        if one is not None:
            one.dispose()


def engine() -> Engine:
    """Return this process' engine."""
    assert _engine is not None, "db.connect() was not called"  # noqa: S101
    return _engine


class _Session(Session):
    """A session that tells Postgres who acts, before the first change that it makes."""


_TELL = text("""
    SELECT set_config('ora.actor', :name, true), set_config('ora.address', :address, true),
        set_config('ora.request', :request_id, true)
""")


def _tell_who_acts(session: Session) -> None:
    """Have what this transaction changes written down as the actor's; without one, nobody's."""
    actor = None if "is_told" in session.info else actors.current()
    if actor is None:
        return
    session.info["is_told"] = True
    told = {
        "name": actor.name,
        "address": actor.address or "",
        "request_id": actor.request_id or "",
    }
    session.connection().execute(_TELL, told)


@event.listens_for(_Session, "before_flush")
def _before_flush(session: Session, *_: Any) -> None:
    _tell_who_acts(session)


@event.listens_for(_Session, "do_orm_execute")
def _before_statement(state: ORMExecuteState) -> None:
    if not state.is_select:
        _tell_who_acts(state.session)


@contextmanager
def transaction() -> Iterator[Session]:
    """
    Open a session whose work is committed at the end, or undone by an exception.

    What was handed to ``after_commit`` runs once the commit is through.

    Raises:
        ServiceUnavailable: Postgres cannot be reached, or a lock was not had in time.
        CommitUnknown: the connection broke during the commit.
    """
    session = _Session(engine(), expire_on_commit=False)
    try:
        with _foreign_errors(ServiceUnavailable):
            yield session
        with _foreign_errors(CommitUnknown):
            session.commit()
    finally:
        _close(session)
    for action in session.info.get("after_commit", ()):
        action()


@contextmanager
def only_reading(lent: Connection | None = None) -> Iterator[Session]:
    """
    Open a session that Postgres lets read and nothing else: on our server, or on a lent connection.

    That is a replica's, which refuses to write by itself, and to be told whether it may.

    Raises:
        ServiceUnavailable: Postgres cannot be reached.
    """
    connection = _for_reading() if lent is None else lent
    session = Session(connection)
    try:
        with _foreign_errors(ServiceUnavailable):
            yield session
    finally:
        _close(session)
        connection.close()


def _for_reading() -> Connection:
    with _foreign_errors(ServiceUnavailable):
        return engine().connect().execution_options(postgresql_readonly=True)


def statement(query: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """
    Run one statement that is a transaction of its own; returns its rows.

    Straight on psycopg, which prepares it after a few times: for what every buyer waits for.

    Raises:
        ServiceUnavailable: Postgres cannot be reached, or a lock was not had in time.
        CommitUnknown: the connection broke, so that the change may be there or not.
        psycopg.IntegrityError: a constraint refused it; nothing is changed.
    """
    pooled = _lend()
    connection: Any = pooled.driver_connection
    try:
        with tracing.statement(query):
            rows: list[tuple[Any, ...]] = connection.execute(query, parameters).fetchall()
    except psycopg.OperationalError as error:
        log.warning("postgres.unavailable", error=error)
        if connection.broken:
            pooled.invalidate()
            raise CommitUnknown from error
        raise ServiceUnavailable from error
    finally:
        pooled.close()
    return rows


def array(values: Iterable[str | int | date | None]) -> str:
    """
    Write an array as Postgres reads it, to be cast where it is used.

    A list handed to psycopg becomes the same, at ten times the cost.
    """
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: str | int | date | None) -> str:
    if value is None:
        return "NULL"
    if type(value) is int:
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _lend() -> PoolProxiedConnection:
    """Take a connection on which the server has not hung up: nothing is unknown of those."""
    assert _statements is not None, "db.connect() was not called"  # noqa: S101
    try:
        while True:
            pooled = _statements.raw_connection()
            connection: Any = pooled.driver_connection
            # An idle connection has nothing to say but goodbye.
            if not select([connection], [], [], 0)[0]:
                return pooled
            pooled.invalidate()
    except (psycopg.OperationalError, OperationalError, PoolTimeout) as error:
        _count_timeout(error)
        raise ServiceUnavailable from error


def after_commit(session: Session, action: Callable[[], Any]) -> None:
    """Run ``action`` once this session's transaction is committed."""
    session.info.setdefault("after_commit", []).append(action)


@contextmanager
def _foreign_errors(problem: type[ServiceUnavailable]) -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        _count_timeout(error)
        log.warning("postgres.unavailable", error=error.__cause__ or error)
        raise problem from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise problem from error
        raise


def _count_timeout(error: Exception) -> None:
    if isinstance(error, PoolTimeout):
        measures.no_connection.inc()


def _close(session: Session) -> None:
    try:
        session.close()
    except DBAPIError:
        session.invalidate()
