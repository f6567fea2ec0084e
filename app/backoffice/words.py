"""How things are written on pages: money in lakhs, times in India, states in words."""

from datetime import date, datetime
from typing import Any

from flask import Flask

from app.core.india import INDIA
from app.core.money import rupees

# The tone of a badge; what is not named is plain.
TONES = {
    "confirmed": "go", "captured": "go", "processed": "go", "delivered": "done", "shipped": "go",
    "processing": "go", "pending": "wait", "authorized": "wait", "requested": "wait",
    "return_requested": "wait", "received": "wait", "cancelled": "off", "expired": "off",
    "failed": "bad", "rejected": "off", "withdrawn": "off", "refunded": "off",
    "partially_refunded": "wait", "returned": "off", "approved": "go", "dead": "bad",
    "active": "go", "to come": "wait", "used up": "off", "off": "off",
    "waiting": "wait", "running": "wait", "done": "done", "refused": "bad",
    "on": "go", "failing": "bad", "open": "bad", "closed": "off",
}  # fmt: skip


def init_app(app: Flask) -> None:
    """Teach templates the words of the shop."""
    app.jinja_env.filters |= {
        "rupees": rupees, "moment": moment, "day": day, "words": words, "tone": tone,
        "percent": percent, "grams": grams, "field_moment": field_moment,
    }  # fmt: skip


def moment(at: datetime | None) -> str:
    """Write a moment as people in India do."""
    return f"{at.astimezone(INDIA):%d %b %Y, %H:%M}" if at else "-"


def day(at: date | None) -> str:
    """Write a day, or the day of a moment in India."""
    if isinstance(at, datetime):
        at = at.astimezone(INDIA)
    return f"{at:%d %b %Y}" if at else "-"


def percent(basis_points: int) -> str:
    """Write hundredths of a percent as a percentage: 300 is 3, 750 is 7.5."""
    whole, rest = divmod(abs(basis_points), 100)
    return f"{'-' if basis_points < 0 else ''}{whole}.{rest:02d}".rstrip("0").rstrip(".")


def grams(milligrams: int) -> str:
    """Write milligrams as grams: 8250 is 8.250."""
    return f"{milligrams // 1_000}.{milligrams % 1_000:03d}"


def field_moment(at: datetime | None) -> str:
    """Write a moment as a field of a form holds it."""
    return f"{at.astimezone(INDIA):%Y-%m-%dT%H:%M}" if at else ""


def words(name: Any) -> str:
    """Write a name of the code as words."""
    return str(name).replace("_", " ").replace(".", " ")


def tone(state: str) -> str:
    """Tell the tone of a state's badge."""
    return TONES.get(state, "plain")
