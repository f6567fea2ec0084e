"""Rupees for people, and what the gateway keeps of them."""

from decimal import ROUND_HALF_UP, Decimal

FEE_RATE = Decimal("0.02")
TAX_RATE = Decimal("0.18")

# Indian grouping: the last three digits together, then pairs.
_LAST_GROUP = 3
_GROUP = 2


def rupees(paise: int) -> str:
    """Write an amount in paise as a person in India reads it: ₹1,23,456.00."""
    whole, rest = divmod(paise, 100)
    digits = str(whole)
    head, groups = digits[:-_LAST_GROUP], [digits[-_LAST_GROUP:]]
    while head:
        groups.insert(0, head[-_GROUP:])
        head = head[:-_GROUP]
    return f"\u20b9{','.join(groups)}.{rest:02d}"


def fee_and_tax(amount: int) -> tuple[int, int]:
    """Return the fee of a captured payment, which includes the tax, and the tax."""
    fee = _paise(amount * FEE_RATE)
    tax = _paise(fee * TAX_RATE)
    return fee + tax, tax


def _paise(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
