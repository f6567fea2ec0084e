"""inventory: 1 operations."""

from .show_inventory import show_inventory

__all__ = [
    "show_inventory",
]
