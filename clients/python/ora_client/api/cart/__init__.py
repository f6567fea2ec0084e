"""cart: 6 operations."""

from .drop_saved_item import drop_saved_item
from .empty_cart import empty_cart
from .put_cart_item import put_cart_item
from .remove_cart_item import remove_cart_item
from .save_cart_item import save_cart_item
from .show_cart import show_cart

__all__ = [
    "drop_saved_item",
    "empty_cart",
    "put_cart_item",
    "remove_cart_item",
    "save_cart_item",
    "show_cart",
]
