"""admin_money: 12 operations."""

from .capture_payment import capture_payment
from .close_refund_paid_out import close_refund_paid_out
from .compare_day import compare_day
from .list_disputes import list_disputes
from .list_payments import list_payments
from .list_reconciliations import list_reconciliations
from .list_refunds import list_refunds
from .list_settlements import list_settlements
from .refund_payment import refund_payment
from .retry_refund import retry_refund
from .show_differences import show_differences
from .show_payment import show_payment

__all__ = [
    "capture_payment",
    "close_refund_paid_out",
    "compare_day",
    "list_disputes",
    "list_payments",
    "list_reconciliations",
    "list_refunds",
    "list_settlements",
    "refund_payment",
    "retry_refund",
    "show_differences",
    "show_payment",
]
