"""invoices: 2 operations."""

from .list_invoices import list_invoices
from .print_invoice import print_invoice

__all__ = [
    "list_invoices",
    "print_invoice",
]
