"""
Move in from the earlier Node system: python -m ops.move_in --from URL [--carry-out].

Reads its Postgres by the queries of a mapping file, and takes products, their units, customers and
addresses, by the shop's own rules. Without --carry-out it only tells what it would do. Done again,
it takes what is new and leaves what is there. Its end is a report of what was not taken, and why.
"""

import argparse
import csv
import io
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError

from app import connect, disconnect
from app.accounts import accounts, addresses, passwords
from app.accounts.schemas import AddressSchema, RegistrationSchema
from app.config import ConfigurationError, load_settings
from app.core import actors
from app.core.db import transaction
from app.core.problems import Problem
from app.core.redis_client import redis
from app.inventory import ledger
from app.inventory.terms import Booking
from app.transfers import imports, tables
from ops import earlier
from ops.earlier import Rows
from ops.errors import OpsError

MAPPING = Path(__file__).with_name("move_in.toml")
ACTOR = "command:ops.move_in"
# The one name of each product's first units: booked once, however often this runs.
REFERENCE = "move-in"
_PRODUCT_COLUMNS = tuple(column.name for column in tables.PRODUCT_COLUMNS)


@dataclass(frozen=True)
class Left:
    """A row that was not taken, and why."""

    kind: str
    key: str
    why: str


@dataclass
class Moved:
    """What was taken, or would be, and what was not."""

    counts: Counter[str] = field(default_factory=Counter)
    left: list[Left] = field(default_factory=list)

    def leave(self, kind: str, key: object, why: str) -> None:
        """Write down a row that is not taken."""
        self.left.append(Left(kind, str(key), why))


def move_in(found: Mapping[str, Rows], *, is_trial: bool) -> Moved:
    """Take what can be taken."""
    moved = Moved()
    taken = _take_products(found["products"], moved, is_trial=is_trial)
    _take_units([row for row in found["products"] if row["sku"] in taken], moved, is_trial=is_trial)
    _take_customers(found, moved, is_trial=is_trial)
    for order in found["open_orders"]:
        moved.leave("open_orders", order["number"], f"is {order['status']}: end it there")
    for one in found["loose_captures"]:
        why = (
            f"{one['amount_paise']} paise were taken for order {one['order_number']}, which is not"
        )
        moved.leave("loose_captures", one["payment"], f"{why} confirmed: refund it there")
    return moved


def _take_products(rows: Rows, moved: Moved, *, is_trial: bool) -> set[str]:
    """Import the products as a file; wrong rows are left out, the others are all or nothing."""
    good = [dict(row) for row in rows]
    while good:
        one = imports.hand_in("products", _file(good), is_dry_run=is_trial, actor=ACTOR)
        imports.work(one.id)
        with transaction() as session:
            ended = imports.find(session, one.id)
        if ended.status == "done":
            told = {f"products {what}": count for what, count in (ended.counts or {}).items()}
            moved.counts.update(told)
            return {str(row["sku"]) for row in good}
        # The header is row 1.
        wrong = {error["row"] - 2 for error in ended.errors}
        for error in ended.errors:
            why = f"{error['column'] or 'row'}: {error['detail']}"
            moved.leave("products", good[error["row"] - 2]["sku"], why)
        good = [row for number, row in enumerate(good) if number not in wrong]
    return set()


def _file(rows: Rows) -> bytes:
    """Write products as the file that staff import."""
    columns = [name for name in rows[0] if name in _PRODUCT_COLUMNS]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([[_cell(row[name]) for name in columns] for row in rows])
    return text.getvalue().encode()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _take_units(rows: Rows, moved: Moved, *, is_trial: bool) -> None:
    """Receive the units of each product, once."""
    numbers = []
    for row in rows:
        sku, units = row["sku"], row.get("units") or 0
        if units < 0:
            moved.leave("units", sku, f"{units} are on its books: count them and adjust")
        elif units and is_trial:
            moved.counts["units"] += units
        elif units:
            with transaction() as session:
                number = ledger.receive(session, sku, units, Booking(REFERENCE, ACTOR))
            if number is not None:
                moved.counts["units"] += units
                numbers.append(number)
    if numbers:
        ledger.show(redis(), numbers)


def _take_customers(found: Mapping[str, Rows], moved: Moved, *, is_trial: bool) -> None:
    """Make an account for each, without a password: it is set anew by mail."""
    by_customer: dict[str, list[Mapping[str, Any]]] = {}
    for row in found["addresses"]:
        by_customer.setdefault(str(row["customer_id"]), []).append(row)
    seen: set[str] = set()
    for row in found["customers"]:
        told = _checked(RegistrationSchema(exclude=("password",)), row, "customers", moved)
        if told is None:
            continue
        email = told["email"].lower()
        if email in seen:
            moved.leave("customers", row["id"], f"{email} is another customer's already")
            continue
        seen.add(email)
        theirs = by_customer.pop(str(row["id"]), [])
        good = [one for one in (_address(row, address, moved) for address in theirs) if one]
        _take_customer(told | {"email": email}, good, moved, is_trial=is_trial)
    for customer_id in by_customer:
        moved.leave("addresses", customer_id, "its customer was not taken")


def _take_customer(
    told: Mapping[str, Any], wanted: Sequence[Mapping[str, Any]], moved: Moved, *, is_trial: bool
) -> None:
    with transaction() as session:
        user = accounts.of_email(session, told["email"])
        moved.counts["customers taken" if user is None else "customers known"] += 1
        if user is None and not is_trial:
            user = accounts.register(session, password_hash=passwords.NONE, **told)
        there = [] if user is None else [_plain(one) for one in addresses.of(session, user.id)]
        new = [one for one in wanted if _plain(one) not in there]
        moved.counts["addresses taken"] += len(new)
        if user is not None and not is_trial:
            _add(session, user.id, new)


def _add(session: Any, user_id: UUID, new: Sequence[Mapping[str, Any]]) -> None:
    for one in new:
        addresses.add(session, user_id, one)


def _address(
    customer: Mapping[str, Any], row: Mapping[str, Any], moved: Moved
) -> Mapping[str, Any] | None:
    named = {name: value for name, value in row.items() if name != "customer_id"}
    return _checked(AddressSchema(), named, "addresses", moved, key=customer["id"])


def _plain(address: Any) -> Mapping[str, Any]:
    return addresses.snapshot(address)


def _checked(
    schema: Schema, row: Mapping[str, Any], kind: str, moved: Moved, key: object = None
) -> dict[str, Any] | None:
    """Check a row as a request is checked; None where it is not taken."""
    known = {name: value for name, value in row.items() if name in schema.fields}
    # What was empty there was nothing.
    filled = {name: value for name, value in known.items() if value not in (None, "")}
    try:
        return dict(schema.load(filled))
    except ValidationError as error:
        why = "; ".join(f"{name}: {' '.join(map(str, said))}" for name, said in _said(error))
        moved.leave(kind, row.get("id") if key is None else key, why)
        return None


def _said(error: ValidationError) -> Iterator[tuple[str, Sequence[Any]]]:
    yield from error.messages_dict.items()


def _tell(moved: Moved, report: Path | None, *, is_trial: bool) -> None:
    counts = ", ".join(f"{count} {what}" for what, count in sorted(moved.counts.items()))
    print(f"{'Would be: ' * is_trial}{counts or 'nothing'}.")
    for one in moved.left:
        print(f"not taken: {one.kind} {one.key}: {one.why}")
    print(f"{len(moved.left)} not taken.")
    if report is not None:
        with report.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["kind", "key", "why"])
            writer.writerows([[one.kind, one.key, one.why] for one in moved.left])


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 where everything was taken."""
    parser = argparse.ArgumentParser(
        prog="python -m ops.move_in", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--from", dest="source", required=True, metavar="URL")
    parser.add_argument("--mapping", type=Path, default=MAPPING, help="%(default)s")
    parser.add_argument("--carry-out", action="store_true", help="do it, and not only tell")
    parser.add_argument("--report", type=Path, help="what was not taken, as CSV")
    asked = parser.parse_args(arguments)
    try:
        found = earlier.read(asked.source, asked.mapping)
        settings = load_settings()
        connect(settings, process="move-in")
        try:
            with actors.acting(ACTOR, address=actors.here()):
                moved = move_in(found, is_trial=not asked.carry_out)
        finally:
            disconnect()
    except (OpsError, ConfigurationError) as error:
        print(error, file=sys.stderr)
        return 1
    except Problem as problem:
        print(problem.detail or str(problem), file=sys.stderr)
        return 1
    _tell(moved, asked.report, is_trial=not asked.carry_out)
    return 1 if moved.left else 0


if __name__ == "__main__":
    sys.exit(main())
