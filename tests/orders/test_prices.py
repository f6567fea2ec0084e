"""An order's price: tax rounded once per line, half a paisa upwards, and never a float."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalog.models import Product
from app.orders.prices import price

FEE, FREE_FROM = 5_000, 100_000

lines = st.lists(
    st.tuples(st.integers(0, 10**16), st.integers(1, 1_000), st.integers(0, 10_000)),
    min_size=1,
    max_size=50,
)


def priced(of, *, fee=FEE, free_from=FREE_FROM, **more):
    """Price (unit price, quantity, tax in basis points) for each line."""
    products = [
        Product(sku=f"SKU-{number:02}", price=unit_price, tax_basis_points=basis_points)
        for number, (unit_price, _, basis_points) in enumerate(of)
    ]
    quantities = {f"SKU-{number:02}": quantity for number, (_, quantity, _) in enumerate(of)}
    return price(products, quantities, shipping_fee=fee, shipping_free_from=free_from, **more)


def exact_tax(unit_price, quantity, basis_points):
    with localcontext() as context:
        context.prec = 60
        tax = Decimal(unit_price) * quantity * basis_points / 10_000
        return int(tax.quantize(Decimal(1), ROUND_HALF_UP))


@settings(max_examples=300, deadline=None)
@given(lines)
def test_every_price_is_what_exact_arithmetic_says(of):
    found = priced(of)

    taxes = [exact_tax(*line) for line in of]
    nets = [unit_price * quantity for unit_price, quantity, _ in of]
    shipping = 0 if sum(nets) >= FREE_FROM else FEE
    assert [line.tax for line in found.lines] == taxes
    assert [line.total for line in found.lines] == [
        net + tax for net, tax in zip(nets, taxes, strict=True)
    ]
    assert (found.subtotal, found.tax, found.shipping_fee, found.total) == (
        sum(nets),
        sum(taxes),
        shipping,
        sum(nets) + sum(taxes) + shipping,
    )


@settings(max_examples=100, deadline=None)
@given(lines)
def test_every_amount_is_a_whole_number_of_paise(of):
    found = priced(of)

    amounts = [found.subtotal, found.tax, found.shipping_fee, found.total]
    amounts += [amount for line in found.lines for amount in (line.net, line.tax, line.total)]
    assert {type(amount) for amount in amounts} == {int}


@pytest.mark.parametrize(
    ("unit_price", "quantity", "basis_points", "tax"),
    [
        (100_000, 1, 300, 3_000),
        (50, 1, 300, 2),  # 1.5 goes up
        (16, 1, 300, 0),  # 0.48 goes down
        (17, 1, 300, 1),  # 0.51 goes up
        (17, 3, 300, 2),  # 1.53 once, and not three times 0.51
        (150, 1, 300, 5),  # 4.5 goes up, not to the even 4
        (1, 1, 5_000, 1),  # 0.5 goes up
        (3, 1, 5_000, 2),  # 1.5
        (12_345, 7, 0, 0),
        (12_345, 7, 10_000, 86_415),
        (10**15 + 1, 1_000, 300, 30_000_000_000_000_030),  # beyond what a float tells apart
    ],
)
def test_half_a_paisa_is_rounded_upwards_and_once_per_line(unit_price, quantity, basis_points, tax):
    found = priced([(unit_price, quantity, basis_points)])

    assert found.tax == tax


@settings(max_examples=300, deadline=None)
@given(lines, st.integers(0, 10_000))
def test_the_shares_of_a_discount_add_up_and_none_exceeds_its_line(of, basis_points):
    subtotal = sum(unit_price * quantity for unit_price, quantity, _ in of)
    discount = subtotal * basis_points // 10_000

    found = priced(of, discount_of=lambda _: discount)

    assert sum(line.discount for line in found.lines) == found.discount == discount
    assert all(0 <= line.discount <= line.net for line in found.lines)
    assert [line.tax for line in found.lines] == [
        exact_tax(line.net - line.discount, 1, rate)
        for line, (_, _, rate) in zip(found.lines, of, strict=True)
    ]
    assert found.total == sum(line.total for line in found.lines) + found.shipping_fee
    # No line gets a paisa more or less than its part, rounded.
    for line in found.lines:
        assert abs(line.discount * subtotal - discount * line.net) < max(1, subtotal)


def test_two_lines_are_rounded_each_by_itself():
    found = priced([(17, 1, 300), (17, 1, 300)])

    assert [line.tax for line in found.lines] == [1, 1]
    assert found.tax == 2


def test_lines_come_in_the_order_of_their_skus():
    products = [Product(sku=sku, price=1, tax_basis_points=0) for sku in ("B", "A", "C")]

    found = price(
        products, {"A": 1, "B": 2, "C": 3}, shipping_fee=FEE, shipping_free_from=FREE_FROM
    )

    assert [(line.product.sku, line.quantity) for line in found.lines] == [
        ("A", 1),
        ("B", 2),
        ("C", 3),
    ]


@pytest.mark.parametrize(
    ("subtotal", "fee"),
    [(99_999, 5_000), (100_000, 0), (100_001, 0), (0, 5_000)],
)
def test_shipping_is_free_from_a_subtotal_before_tax(subtotal, fee):
    assert priced([(subtotal, 1, 300)]).shipping_fee == fee


def test_a_shop_may_ship_for_nothing_or_never():
    assert priced([(1, 1, 0)], free_from=0).shipping_fee == 0
    assert priced([(10**9, 1, 0)], free_from=10**12).shipping_fee == FEE
