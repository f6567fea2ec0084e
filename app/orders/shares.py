"""Shares: what some units of a line were paid, exactly, however the line is taken apart."""

from app.orders.models import OrderLine


def paid_for(line: OrderLine, quantity_before: int, quantity: int) -> int:
    """
    Tell what the next ``quantity`` units of a line were paid in paise, tax and discount included.

    ``quantity_before`` are the units that went back earlier. The shares of all units, in however
    many parts, add up to the line's total.
    """
    first, last = quantity_before, quantity_before + quantity
    return _part(line, line.total, last) - _part(line, line.total, first)


def tax_in(line: OrderLine, quantity_before: int, quantity: int) -> int:
    """Tell how much of what ``paid_for`` tells is tax."""
    first, last = quantity_before, quantity_before + quantity
    return _part(line, line.tax, last) - _part(line, line.tax, first)


def _part(line: OrderLine, amount: int, units: int) -> int:
    """Tell how much of an amount falls to the first units of a line, rounded down."""
    assert 0 <= units <= line.quantity, "no more units than there are"  # noqa: S101
    return amount * units // line.quantity
