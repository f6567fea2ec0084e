"""returns: 5 operations."""

from .ask_for_return import ask_for_return
from .exchange_return import exchange_return
from .list_returns import list_returns
from .show_return import show_return
from .withdraw_return import withdraw_return

__all__ = [
    "ask_for_return",
    "exchange_return",
    "list_returns",
    "show_return",
    "withdraw_return",
]
