"""Shares: what some units of a line were paid, exactly, however the line is taken apart."""

from app.orders.models import OrderLine


def paid_for(line: OrderLine, quantity_before: int, quantity: int) -> int:
    """
    Tell what the next ``quantity`` units of a line were paid in paise, tax and discount included.

    ``quantity_before`` are the units that went back earlier. The shares of all units, in however
    many parts, add up to the line's total.
    """
    return _first(line, quantity_before + quantity) - _first(line, quantity_before)


def _first(line: OrderLine, units: int) -> int:
    """Tell what the first units of a line were paid, rounded down."""
    assert 0 <= units <= line.quantity, "no more units than there are"  # noqa: S101
    return line.total * units // line.quantity
