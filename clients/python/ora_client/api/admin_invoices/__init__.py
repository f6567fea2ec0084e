"""admin_invoices: 2 operations."""

from .list_all_invoices import list_all_invoices
from .print_any_invoice import print_any_invoice

__all__ = [
    "list_all_invoices",
    "print_any_invoice",
]
