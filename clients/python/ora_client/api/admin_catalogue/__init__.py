"""admin_catalogue: 10 operations."""

from .add_image import add_image
from .arrange_images import arrange_images
from .change_category import change_category
from .change_product import change_product
from .create_category import create_category
from .create_product import create_product
from .list_all_products import list_all_products
from .list_images import list_images
from .remove_image import remove_image
from .show_any_product import show_any_product

__all__ = [
    "add_image",
    "arrange_images",
    "change_category",
    "change_product",
    "create_category",
    "create_product",
    "list_all_products",
    "list_images",
    "remove_image",
    "show_any_product",
]
