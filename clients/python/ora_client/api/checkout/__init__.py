"""checkout: 5 operations."""

from .check_out import check_out
from .open_payment import open_payment
from .show_payment_status import show_payment_status
from .show_quote import show_quote
from .verify_payment import verify_payment

__all__ = [
    "check_out",
    "open_payment",
    "show_payment_status",
    "show_quote",
    "verify_payment",
]
