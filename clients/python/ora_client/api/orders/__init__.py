"""orders: 2 operations."""

from .list_orders import list_orders
from .show_order import show_order

__all__ = [
    "list_orders",
    "show_order",
]
