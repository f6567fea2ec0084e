"""One order, found by whatever somebody has of it, a whole link or message included."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.ids import read_id
from app.core.texts import storable
from app.orders.models import Order
from app.payments.models import Payment, PaymentAttempt

# What may name an order within something longer, such as a link to it or to a gateway's page.
_NAMES = re.compile(
    r"(?<![0-9a-z])(?:ora-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|(?:order|pi|pay|ch)_[0-9a-z]{6,64})(?![0-9a-z])",
    re.IGNORECASE,
)
# Each is looked up by itself; a link has one or two.
MOST_NAMES = 5


def find(session: Session, term: str) -> Order | None:
    """
    Find one order by the shape of what is searched for: each by an index.

    Its number or id, a gateway's id of its payment or of a try to pay it, or anything that has one
    of them in it, of which the first that leads to an order counts.
    """
    for name in _names(storable(term) or ""):
        query = _by_shape(name)
        if query is not None and (found := session.scalars(query.limit(1)).one_or_none()):
            return found
    return None


def is_of(term: str) -> ColumnElement[bool]:
    """Describe the orders of whoever has a mail address, or a phone number."""
    text = storable(term) or ""
    is_who = User.email == text.lower() if "@" in text else User.phone == _phone(text)
    return Order.user_id.in_(select(User.id).where(is_who))


def _names(text: str) -> Iterator[str]:
    """Name what may be an order's: the whole, then what stands in it."""
    yield text
    inside = dict.fromkeys(match[0] for match in _NAMES.finditer(unquote(text)))
    yield from list(inside)[:MOST_NAMES]


def _by_shape(text: str) -> Select[Order] | None:
    if (order_id := read_id(text)) is not None:
        return select(Order).where(Order.id == order_id)
    if text.upper().startswith("ORA-"):
        return select(Order).where(Order.number == text.upper())
    if text.startswith(("order_", "pi_")):
        paid = select(Payment.order_id).where(Payment.gateway_order_id == text)
        return select(Order).where(Order.id.in_(paid))
    if text.startswith(("pay_", "ch_")):
        tried = select(PaymentAttempt.order_id).where(PaymentAttempt.gateway_payment_id == text)
        return select(Order).where(Order.id.in_(tried))
    return None


def _phone(text: str) -> str:
    digits = re.sub(r"\D", "", text)[-10:]
    return f"+91{digits}"
