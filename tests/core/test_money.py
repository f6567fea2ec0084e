from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.money import rupees, share


@pytest.mark.parametrize(
    ("amount", "basis_points", "expected"),
    [
        (0, 300, 0),
        (100, 0, 0),
        (100, 10_000, 100),
        (1, 5_000, 1),
        (1, 4_999, 0),
        (3, 5_000, 2),
        (50, 300, 2),
        (49, 300, 1),
        (300_000, 300, 9_000),
        (16, 300, 0),
        (17, 300, 1),
        (10**18, 1_234, 123_400_000_000_000_000),
    ],
)
def test_half_a_paisa_counts_as_a_whole_one(amount, basis_points, expected):
    assert share(amount, basis_points) == expected


@given(st.integers(0, 10**15), st.integers(0, 10_000))
def test_a_share_is_rounded_as_people_round(amount, basis_points):
    exact = Decimal(amount) * basis_points / 10_000

    assert share(amount, basis_points) == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


@given(st.integers(0, 10**12), st.integers(0, 10_000))
def test_a_share_and_the_rest_differ_from_the_whole_by_a_paisa_at_most(amount, basis_points):
    assert 0 <= share(amount, basis_points) + share(amount, 10_000 - basis_points) - amount <= 1


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "₹0.00"),
        (7, "₹0.07"),
        (100, "₹1.00"),
        (99_999, "₹999.99"),
        (100_000, "₹1,000.00"),
        (9_999_999, "₹99,999.99"),
        (10_000_000, "₹1,00,000.00"),
        (123_456_700, "₹12,34,567.00"),
        (1_000_000_000, "₹1,00,00,000.00"),
        (123_456_789_012, "₹1,23,45,67,890.12"),
        (-123_456_700, "-₹12,34,567.00"),
        (-5, "-₹0.05"),
    ],
)
def test_rupees_are_grouped_in_lakhs_and_crores(amount, written):
    assert rupees(amount) == written


@given(st.integers(-(10**15), 10**15))
def test_written_rupees_lose_no_paisa(amount):
    digits = rupees(amount).replace("₹", "").replace(",", "")

    assert Decimal(digits) * 100 == amount
