"""admin_inventory: 2 operations."""

from .adjust_stock import adjust_stock
from .list_stock import list_stock

__all__ = [
    "adjust_stock",
    "list_stock",
]
