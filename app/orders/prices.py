"""Prices: what an order costs, its discount spread over the lines, its tax rounded once a line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
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
    discount: int
    tax: int

    @property
    def net(self) -> int:
        """What the units cost before discount and tax."""
        return self.product.price * self.quantity

    @property
    def total(self) -> int:
        """What is paid for the units."""
        return self.net - self.discount + self.tax


@dataclass(frozen=True, slots=True)
class Price(Generic[Product]):
    """What a whole order costs, in paise."""

    lines: Sequence[PricedLine[Product]]
    shipping_fee: int

    @property
    def subtotal(self) -> int:
        """The lines before discount and tax."""
        return sum(line.net for line in self.lines)

    @property
    def discount(self) -> int:
        """What is taken off all lines."""
        return sum(line.discount for line in self.lines)

    @property
    def tax(self) -> int:
        """The tax of all lines."""
        return sum(line.tax for line in self.lines)

    @property
    def total(self) -> int:
        """What the customer pays."""
        return self.subtotal - self.discount + self.tax + self.shipping_fee


def nothing_off(_: int) -> int:
    """Take nothing off a subtotal."""
    return 0


def price(
    products: Sequence[Product],
    quantities: Mapping[str, int],
    *,
    shipping_fee: int,
    shipping_free_from: int,
    discount_of: Callable[[int], int] = nothing_off,
) -> Price[Product]:
    """
    Price ``quantities`` (SKU to units), with ``discount_of`` the subtotal taken off.

    Shipping is free from so many paise before tax, less the discount.
    """
    ordered = sorted(products, key=lambda product: product.sku)
    nets = [p.price * quantities[p.sku] for p in ordered]
    discount = discount_of(subtotal := sum(nets))
    lines = [
        PricedLine(p, quantities[p.sku], off, share(net - off, p.tax_basis_points))
        for p, net, off in zip(ordered, nets, _spread(discount, nets), strict=True)
    ]
    return Price(lines, 0 if subtotal - discount >= shipping_free_from else shipping_fee)


def _spread(discount: int, nets: Sequence[int]) -> list[int]:
    """Share a discount by what the lines cost; the shares add up, and none exceeds its line."""
    if not discount:
        return [0] * len(nets)
    subtotal = sum(nets)
    ends = [discount * so_far // subtotal for so_far in accumulate(nets)]
    return [end - start for start, end in pairwise([0, *ends])]
