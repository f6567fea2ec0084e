"""admin_accounts: 2 operations."""

from .give_role import give_role
from .list_accounts import list_accounts

__all__ = [
    "give_role",
    "list_accounts",
]
