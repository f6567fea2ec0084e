"""What the list of orders is narrowed by: read, told back as it was written, and taken away."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from app.backoffice.forms import FIRST_YEAR, LAST_YEAR, Wrong
from app.backoffice.words import day, words
from app.catalog.models import Product
from app.config import GATEWAYS
from app.core.fields import Sku
from app.core.india import INDIA
from app.core.problems import ValidationFailed, invalid
from app.fulfilment.filters import Filters, narrow
from app.fulfilment.schemas import PAYMENT_STATUSES
from app.orders.models import Order

# Tabs above the list: what somebody has to do something with, then all.
VIEWS = {
    "to pack": "confirmed", "packing": "processing", "on the way": "shipped",
    "returns": "return_requested", "unpaid": "pending", "all": None,
}  # fmt: skip
FIELDS = ("payment_status", "from", "to", "sku", "gateway")
LONGEST = 100
# Beyond it the number says nothing that anybody would act on, and costs as much as it is.
MOST_COUNTED = 1_000
_SKU = re.compile(Sku.PATTERN)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which orders are asked for; where a field is wrong, nobody knows."""

    view: str
    # As it was written, by its field.
    written: Mapping[str, str]
    filters: Filters
    wrong: Wrong = field(default_factory=Wrong)

    def without(self, name: str) -> dict[str, str]:
        """Give what is left where one field is taken away."""
        return {other: value for other, value in self.written.items() if other != name}

    def chips(self) -> Iterator[tuple[str, str]]:
        """Put each field that is set into words, beside its name."""
        filters, told = self.filters, self.written
        if filters.payment_status:
            yield "payment_status", f"Payment is {words(filters.payment_status)}"
        if filters.since:
            yield "from", f"From {day(filters.since)}"
        if filters.until:
            yield "to", f"To {day(date.fromisoformat(told['to']))}"
        if filters.sku:
            yield "sku", f"Has {filters.sku}"
        if filters.gateway:
            yield "gateway", f"Paid by {words(filters.gateway)}"


def read(session: Session, args: Mapping[str, str]) -> Narrowing:
    """Read the fields of the form; what is wrong is remembered beside each."""
    view = args.get("view", "all")
    view = view if view in VIEWS else "all"
    written = {name: told for name in FIELDS if (told := args.get(name, "").strip()[:LONGEST])}
    wrong = Wrong()
    of = partial(_chosen, written)
    first, last = (wrong.read(name, partial(_day, written)) for name in ("from", "to"))
    if first and last and last < first:
        wrong["to"] = "is before the first day"
    filters = Filters(
        status=VIEWS[view],
        payment_status=wrong.read("payment_status", partial(of, among=PAYMENT_STATUSES)),
        since=None if first is None else _midnight(first),
        until=None if last is None else _midnight(last + timedelta(days=1)),
        sku=wrong.read("sku", partial(_product, session, written)),
        gateway=wrong.read("gateway", partial(of, among=GATEWAYS)),
    )
    return Narrowing(view, written, filters, wrong)


def well_read(session: Session, args: Mapping[str, str]) -> Filters:
    """
    Read the fields of the form for what has no form to tell about them.

    Raises:
        ValidationFailed: some are wrong.
    """
    narrowing = read(session, args)
    if narrowing.wrong:
        told = [{"pointer": f"#/{name}", "detail": why} for name, why in narrowing.wrong.items()]
        raise ValidationFailed(errors=told)
    return narrowing.filters


def counts(session: Session) -> dict[str, str]:
    """Count what stands in each tab where something is to be done, as far as anybody cares."""
    found = session.execute(_COUNTS).mappings().one()
    return {
        view: f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else str(count)
        for view, count in found.items()
    }


def _count(status: str) -> ScalarSelect[int]:
    """Count no further than one beyond what is told."""
    some = narrow(select(Order.id), Filters(status=status)).limit(MOST_COUNTED + 1)
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


_COUNTS = select(*(_count(status).label(view) for view, status in VIEWS.items() if status))


def product(session: Session, sku: str) -> Product | None:
    """Find a product by its SKU, however somebody writes it."""
    named = sku.strip().upper()
    if not _SKU.fullmatch(named):
        return None
    return session.scalars(select(Product).where(Product.sku == named)).one_or_none()


def _chosen(written: Mapping[str, str], name: str, *, among: tuple[str, ...]) -> str | None:
    """Read what is one of several."""
    told = written.get(name)
    if told is not None and told not in among:
        raise invalid(f"#/{name}", f"is none of {', '.join(map(words, among))}")
    return told


def _day(written: Mapping[str, str], name: str) -> date | None:
    """Read a day."""
    told = written.get(name)
    if told is None:
        return None
    try:
        found = date.fromisoformat(told)
    except ValueError:
        found = date.min
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise invalid(f"#/{name}", f"is no day from {FIRST_YEAR} to {LAST_YEAR}")
    return found


def _product(session: Session, written: Mapping[str, str], name: str) -> str | None:
    told = written.get(name)
    if told is None:
        return None
    found = product(session, told)
    if found is None:
        raise invalid(f"#/{name}", "is the SKU of no product")
    return found.sku


def _midnight(one: date) -> datetime:
    return datetime.combine(one, time(), INDIA)
