"""admin_transfers: 7 operations."""

from .export_orders import export_orders
from .export_products import export_products
from .export_stock import export_stock
from .hand_in_file import hand_in_file
from .list_import_errors import list_import_errors
from .list_imports import list_imports
from .show_import import show_import

__all__ = [
    "export_orders",
    "export_products",
    "export_stock",
    "hand_in_file",
    "list_import_errors",
    "list_imports",
    "show_import",
]
