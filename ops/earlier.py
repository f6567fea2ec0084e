"""The earlier system's database, read: one SELECT for each kind of row, all of one moment."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from ops.errors import OpsError

# What may be asked for, and the columns without which a row says nothing.
KINDS: Mapping[str, tuple[str, ...]] = {
    "products": ("sku",),
    "customers": ("id", "email", "name"),
    "addresses": ("customer_id",),
    "open_orders": ("number", "status"),
    "loose_captures": ("payment", "order_number", "amount_paise"),
}
Rows = Sequence[Mapping[str, Any]]


def read(url: str, mapping: Path) -> Mapping[str, Rows]:
    """
    Read everything that the mapping asks for, in one transaction that can change nothing.

    Raises:
        OpsError: the mapping or a query of it cannot be used, and which.
    """
    queries = _queries(mapping)
    try:
        engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    except ArgumentError as error:
        raise OpsError(f"--from is no address of a database: {error}") from None
    found: dict[str, Rows] = dict.fromkeys(KINDS, ())
    kind = "--from"
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            connection.execute(text("SET TRANSACTION READ ONLY"))
            for kind, query in queries.items():
                rows = connection.execution_options().exec_driver_sql(query).mappings().all()
                found[kind] = [dict(row) for row in rows]
                _refuse_without(kind, found[kind])
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise OpsError(f"{kind}: {reason}; see {mapping}") from None
    finally:
        engine.dispose()
    return found


def _queries(mapping: Path) -> Mapping[str, str]:
    try:
        told = tomllib.loads(mapping.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise OpsError(f"{mapping} cannot be read: {error}") from None
    unknown = sorted(told.keys() - KINDS.keys())
    if unknown:
        raise OpsError(f"{mapping} asks for {', '.join(unknown)}; there are {', '.join(KINDS)}")
    return {name: told[name] for name in KINDS if name in told}


def _refuse_without(kind: str, rows: Rows) -> None:
    missing = [name for name in KINDS[kind] if rows and name not in rows[0]]
    if missing:
        raise OpsError(f"{kind}: the query gives no column {', '.join(missing)}")
