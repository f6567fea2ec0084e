"""leaving: 1 operations."""

from .delete_account import delete_account

__all__ = [
    "delete_account",
]
