"""
The wording of messages: a file each, below wording/, and two layouts for all mails.

The first line is the subject; paragraphs follow, the first of which is also the notification. The
same words go into the text and the HTML of a mail, so that the two never say different things.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.core.india import INDIA
from app.core.money import rupees
from app.orders.models import Order

_FOLDER = Path(__file__).parent
# As mail programs show it; whoever has a longer name knows it.
LONGEST_NAME = 100
# Messages that tell of the whole order; the others name it.
WITH_ORDER = frozenset({"order.placed", "order.confirmed"})


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says: one line, and paragraphs."""

    subject: str
    paragraphs: tuple[str, ...]


def is_known(event: str) -> bool:
    """Tell whether there are words for an event."""
    return event in _known()


def put(name: str, **facts: Any) -> Words:
    """Put a message into words."""
    text = _environment().get_template(f"wording/{name}.txt").render(facts)
    subject, *paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return Words(subject, tuple(part for part in paragraphs if part))


def lay_out(words: Words, *, name: str, order: Order | None = None) -> tuple[str, str]:
    """Lay a mail out: as text and as HTML."""
    facts: Mapping[str, Any] = {
        "subject": words.subject,
        "paragraphs": words.paragraphs,
        "name": " ".join(name.split())[:LONGEST_NAME],
        "order": order,
        "sums": list(_sums(order)) if order else [],
        "place": _place(order.shipping_address) if order else [],
    }
    layouts = (_environment().get_template(f"layouts/mail.{kind}") for kind in ("txt", "html"))
    text, html = (layout.render(facts) for layout in layouts)
    return text, html


def _sums(order: Order) -> list[tuple[str, int]]:
    discount = [("Discount", -order.discount)] if order.discount else []
    return [
        ("Before tax", order.subtotal), *discount, ("GST", order.tax),
        ("Shipping", order.shipping_fee), ("Total", order.total),
    ]  # fmt: skip


def _place(address: Mapping[str, Any]) -> list[str]:
    parts = (
        address["name"], address["line1"], address["line2"],
        f"{address['city']} {address['pincode']}, {address['state']}",
    )  # fmt: skip
    return [part for part in parts if part]


def _in_india(moment: datetime) -> str:
    return f"{moment.astimezone(INDIA):%d %b %Y, %H:%M} IST"


@cache
def _known() -> frozenset[str]:
    return frozenset(path.stem for path in (_FOLDER / "wording").glob("*.*.txt"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {"rupees": rupees, "india": _in_india}
    return environment
