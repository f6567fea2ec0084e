"""The figures of an invoice: what units were sold for, taken apart into value and taxes."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.money import BASIS_POINTS
from app.orders import shares
from app.orders.models import Order, OrderLine


@dataclass(frozen=True, slots=True)
class Item:
    """
    One row, in paise: ``taxable`` and ``tax`` are what was paid; the tax is not yet split.

    ``quantity`` is None for what is not counted, as a shipping fee.
    """

    name: str
    sku: str | None
    hsn_code: str
    quantity: int | None
    unit_price: int
    discount: int
    taxable: int
    tax_basis_points: int
    tax: int

    @property
    def total(self) -> int:
        """What was paid for it."""
        return self.taxable + self.tax


def of_units(line: OrderLine, before: int, quantity: int) -> Item:
    """Tell the figures of the ``quantity`` units of a line that come after ``before`` others."""
    tax = shares.tax_in(line, before, quantity)
    taxable = shares.paid_for(line, before, quantity) - tax
    return Item(
        name=line.name,
        sku=line.sku,
        hsn_code=line.hsn_code,
        quantity=quantity,
        unit_price=line.unit_price,
        discount=line.unit_price * quantity - taxable,
        taxable=taxable,
        tax_basis_points=line.tax_basis_points,
        tax=tax,
    )


def of_amount(order: Order, name: str, amount: int) -> Item:
    """
    Tell the figures of an amount that contains its tax, half a paisa upwards.

    What goes with goods is taxed as they are, at the highest of their rates: it is a part of a
    composite supply (section 8 of the CGST Act, 2017).
    """
    dearest = max(order.lines, key=lambda line: line.tax_basis_points)
    rate = BASIS_POINTS + dearest.tax_basis_points
    taxable = (2 * amount * BASIS_POINTS + rate) // (2 * rate)
    return Item(
        name=name,
        sku=None,
        hsn_code=dearest.hsn_code,
        quantity=None,
        unit_price=taxable,
        discount=0,
        taxable=taxable,
        tax_basis_points=dearest.tax_basis_points,
        tax=amount - taxable,
    )


def total(items: Sequence[Item]) -> int:
    """Add up what was paid."""
    return sum(item.total for item in items)
