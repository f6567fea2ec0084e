"""health: 3 operations."""

from .alive import alive
from .ready import ready
from .show_clock import show_clock

__all__ = [
    "alive",
    "ready",
    "show_clock",
]
