"""Money: whole paise, and the one place where a fraction of a paisa is rounded."""

CURRENCY = "INR"
BASIS_POINTS = 10_000
# What is money, by the end of its column's name.
PAISE = "_paise"


def share(amount: int, basis_points: int) -> int:
    """Take ``basis_points`` hundredths of a percent of ``amount`` paise, half a paisa upwards."""
    return (2 * amount * basis_points + BASIS_POINTS) // (2 * BASIS_POINTS)


def rupees(amount: int) -> str:
    """Write paise as people in India read them: 123456700 is ₹12,34,567.00."""
    whole, paise = divmod(abs(amount), 100)
    digits = str(whole)
    head, tail = digits[:-3], digits[-3:]
    groups: list[str] = []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    sign = "-" if amount < 0 else ""
    return f"{sign}₹{','.join([*groups, tail])}.{paise:02d}"
