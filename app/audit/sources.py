"""Where changes are written: the audit log itself, and the tables that tell of theirs anyway."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, literal, text
from sqlalchemy.orm import InstrumentedAttribute

from app.audit.models import Record
from app.core.actors import ACCOUNT_KINDS, BY_PEOPLE
from app.core.ids import read_id
from app.inventory.models import StockMovement
from app.orders.models import Order, OrderCancellation, OrderTransition
from app.returns.models import Disposition

Values = dict[str, Any] | None
_CUSTOMER = "customer:"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One change, whichever table has it; the newest one is the greatest."""

    at: datetime
    source: str
    key: Any
    actor: str = field(compare=False)
    action: str = field(compare=False)
    subject: str = field(compare=False)
    subject_id: str = field(compare=False)
    before: Values = field(compare=False)
    after: Values = field(compare=False)
    address: str | None = field(compare=False, default=None)
    request_id: str | None = field(compare=False, default=None)

    @property
    def id(self) -> str:
        """The one name of it."""
        return f"{self.source}:{self.key}"


@dataclass(frozen=True, slots=True)
class Source:
    """A table, how it is searched, and what a row of it tells."""

    table: type[Any]
    at: InstrumentedAttribute[datetime]
    key: InstrumentedAttribute[Any]
    subject: SQLColumnExpression[str]
    subject_id: InstrumentedAttribute[Any]
    action: SQLColumnExpression[str]
    by: Callable[[Sequence[str]], ColumnElement[bool]]
    tell: Callable[[Any], Entry]

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.table.__tablename__)


def recorded(row: Record) -> Entry:
    """Tell what a row of the log itself has."""
    return Entry(
        row.at, "audit_log", row.id, row.actor, row.action, row.subject, row.subject_id,
        row.before, row.after, row.address, row.request_id,
    )  # fmt: skip


def _moved(row: StockMovement) -> Entry:
    after = {
        "stock_quantity": row.balance, "kind": row.kind, "units": row.units,
        "reference": row.reference, "reason": row.reason,
    }  # fmt: skip
    return Entry(
        row.created_at, "stock_movements", row.id, row.actor, "update", "products",
        str(row.product_id), {"stock_quantity": row.balance - row.units}, after,
        row.address, row.request_id,
    )  # fmt: skip


def _placed(row: Order) -> Entry:
    return Entry(
        row.created_at, "orders", row.id, f"{_CUSTOMER}{row.user_id}", "insert", "orders",
        str(row.id), None, {"status": "pending", "number": row.number},
    )  # fmt: skip


def _stepped(row: OrderTransition) -> Entry:
    after = {"status": row.to_status, "reason": row.reason}
    return Entry(
        row.created_at, "order_transitions", row.id, row.actor, "update", "orders",
        str(row.order_id), {"status": row.from_status}, after, row.address, row.request_id,
    )  # fmt: skip


def _given_up(row: OrderCancellation) -> Entry:
    after = {
        "cancelled": row.units, "amount": row.amount, "reference": row.reference,
        "reason": row.reason,
    }  # fmt: skip
    return Entry(
        row.created_at, "order_cancellations", row.id, row.actor, "update", "orders",
        str(row.order_id), None, after, row.address, row.request_id,
    )  # fmt: skip


def _disposed(row: Disposition) -> Entry:
    after = {
        "disposition": row.disposition, "sku": row.sku, "quantity": row.quantity,
        "is_repaired": row.is_repaired,
    }  # fmt: skip
    return Entry(
        row.created_at, "return_dispositions", row.id, row.actor, "update", "returns",
        str(row.return_id), None, after, row.address, row.request_id,
    )  # fmt: skip


def _customers(names: Sequence[str]) -> list[UUID]:
    ids = (read_id(name.removeprefix(_CUSTOMER)) for name in names if name.startswith(_CUSTOMER))
    return [found for found in ids if found is not None]


def _by(column: InstrumentedAttribute[str]) -> Callable[[Sequence[str]], ColumnElement[bool]]:
    """Search for people by the index that has them alone."""

    def is_by(names: Sequence[str]) -> ColumnElement[bool]:
        found = column.in_(names)
        is_theirs = all(name.partition(":")[0] in ACCOUNT_KINDS for name in names)
        return and_(found, text(BY_PEOPLE)) if is_theirs else found

    return is_by


_UPDATE, _ORDERS = literal("update"), literal("orders")
SOURCES = (
    Source(
        Record, Record.at, Record.id, Record.subject, Record.subject_id, Record.action,
        Record.actor.in_, recorded,
    ),
    Source(
        StockMovement, StockMovement.created_at, StockMovement.id, literal("products"),
        StockMovement.product_id, _UPDATE, _by(StockMovement.actor), _moved,
    ),
    Source(
        Order, Order.created_at, Order.id, _ORDERS, Order.id, literal("insert"),
        lambda names: Order.user_id.in_(_customers(names)), _placed,
    ),
    Source(
        OrderTransition, OrderTransition.created_at, OrderTransition.id, _ORDERS,
        OrderTransition.order_id, _UPDATE, _by(OrderTransition.actor), _stepped,
    ),
    Source(
        OrderCancellation, OrderCancellation.created_at, OrderCancellation.id, _ORDERS,
        OrderCancellation.order_id, _UPDATE, OrderCancellation.actor.in_, _given_up,
    ),
    Source(
        Disposition, Disposition.created_at, Disposition.id, literal("returns"),
        Disposition.return_id, _UPDATE, Disposition.actor.in_, _disposed,
    ),
)  # fmt: skip
