"""Money: whole paise, and the one place where fractions of a paisa or a rupee are rounded."""

CURRENCY = "INR"
BASIS_POINTS = 10_000
RUPEE = 100
# What is money, by the end of its column's name.
PAISE = "_paise"


def share(amount: int, basis_points: int) -> int:
    """Take ``basis_points`` hundredths of a percent of ``amount`` paise, half a paisa upwards."""
    return (2 * amount * basis_points + BASIS_POINTS) // (2 * BASIS_POINTS)


def changed_by(amount: int, basis_points: int) -> int:
    """Add so many hundredths of a percent to paise, to the whole rupee, half a rupee upwards."""
    share_of_rupee = BASIS_POINTS * RUPEE
    doubled = 2 * amount * (BASIS_POINTS + basis_points)
    return (doubled + share_of_rupee) // (2 * share_of_rupee) * RUPEE


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


def written(amount: int, currency: str) -> str:
    """Write an amount of any currency for people; another one than ours in its smallest unit."""
    return rupees(amount) if currency == CURRENCY else f"{amount:,} of the smallest {currency}"
