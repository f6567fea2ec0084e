"""preorders: 4 operations."""

from .change_preorder import change_preorder
from .list_open_preorders import list_open_preorders
from .receive_preorder import receive_preorder
from .start_preorder import start_preorder

__all__ = [
    "change_preorder",
    "list_open_preorders",
    "receive_preorder",
    "start_preorder",
]
