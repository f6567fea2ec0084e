"""me: 9 operations."""

from .add_address import add_address
from .change_account import change_account
from .change_address import change_address
from .change_password import change_password
from .list_addresses import list_addresses
from .remove_address import remove_address
from .send_verification import send_verification
from .show_account import show_account
from .show_address import show_address

__all__ = [
    "add_address",
    "change_account",
    "change_address",
    "change_password",
    "list_addresses",
    "remove_address",
    "send_verification",
    "show_account",
    "show_address",
]
