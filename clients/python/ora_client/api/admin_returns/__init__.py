"""admin_returns: 5 operations."""

from .decide_return import decide_return
from .finish_repair import finish_repair
from .list_all_returns import list_all_returns
from .receive_return import receive_return
from .show_whole_return import show_whole_return

__all__ = [
    "decide_return",
    "finish_repair",
    "list_all_returns",
    "receive_return",
    "show_whole_return",
]
