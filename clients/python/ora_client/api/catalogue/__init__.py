"""catalogue: 4 operations."""

from .list_categories import list_categories
from .list_products import list_products
from .show_image import show_image
from .show_product import show_product

__all__ = [
    "list_categories",
    "list_products",
    "show_image",
    "show_product",
]
