"""Prices: what an order costs, rounded once per line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from app.core.money import share


class Priced(Protocol):
    """A product, as far as its price goes."""

    @property
    def sku(self) -> str:
        """Its stock keeping unit."""

    @property
    def price(self) -> int:
        """Paise for one unit, before tax."""

    @property
    def tax_basis_points(self) -> int:
        """GST; 300 is 3 %."""


Product = TypeVar("Product", bound=Priced)


@dataclass(frozen=True, slots=True)
class PricedLine(Generic[Product]):
    """One product with what its units cost, in paise."""

    product: Product
    quantity: int
    tax: int

    @property
    def net(self) -> int:
        """What the units cost before tax."""
        return self.product.price * self.quantity

    @property
    def total(self) -> int:
        """What the units cost with tax."""
        return self.net + self.tax


@dataclass(frozen=True, slots=True)
class Price(Generic[Product]):
    """What a whole order costs, in paise."""

    lines: Sequence[PricedLine[Product]]
    shipping_fee: int

    @property
    def subtotal(self) -> int:
        """The lines before tax."""
        return sum(line.net for line in self.lines)

    @property
    def tax(self) -> int:
        """The tax of all lines."""
        return sum(line.tax for line in self.lines)

    @property
    def total(self) -> int:
        """What the customer pays."""
        return self.subtotal + self.tax + self.shipping_fee


def price(
    products: Sequence[Product],
    quantities: Mapping[str, int],
    *,
    shipping_fee: int,
    shipping_free_from: int,
) -> Price[Product]:
    """Price ``quantities`` (SKU to units); shipping is free from a subtotal before tax."""
    lines = [
        PricedLine(p, quantities[p.sku], share(p.price * quantities[p.sku], p.tax_basis_points))
        for p in sorted(products, key=lambda product: product.sku)
    ]
    subtotal = sum(line.net for line in lines)
    return Price(lines, 0 if subtotal >= shipping_free_from else shipping_fee)
